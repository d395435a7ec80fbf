"""A run as JUnit XML: one case for each test, and one for the run itself."""

from xml.etree import ElementTree


def write(path, name, reader, verdict, seconds):
    """Writes the suite `name`. The case "run" fails when the run failed for whatever reason."""
    suite = ElementTree.Element("testsuite", name=name, time=f"{seconds:.3f}")
    run = add_case(suite, name, "run", seconds)
    if not verdict.passed:
        add_failure(run, verdict.status, "\n".join(verdict.reasons))
    for result in reader.results:
        case = add_case(suite, name, result.name or f"test {result.number}",
                        result.seconds or 0)
        if result.skipped:
            ElementTree.SubElement(case, "skipped", message=result.reason)
        elif not result.ok:
            add_failure(case, "not ok", "\n".join(result.output))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    path.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def add_case(suite, class_name, name, seconds):
    return ElementTree.SubElement(suite, "testcase", classname=class_name, name=name,
                                  time=f"{seconds:.3f}")


def add_failure(case, message, text):
    failure = ElementTree.SubElement(case, "failure", message=message)
    # XML 1.0 has no place for control characters, and a serial line may carry any.
    failure.text = "".join(c if c >= " " or c in "\n\t" else "?" for c in text)
