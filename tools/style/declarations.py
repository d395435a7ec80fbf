"""Style rules that need to know where functions begin and end.

There is no C++ parser here. The rules lean on the house format: a function's body closes at the
indentation at which its declaration began, and a doc comment is a run of `///` lines above it.
"""

import re

FUNCTION_LINES = 40
# Functions over FUNCTION_LINES, by file and name, each with its reason.
LONG_FUNCTIONS = {}

NO_FUNCTION = re.compile(r"^\s*(?:if|for|while|switch|do|else|namespace|class|struct|union|enum|"
                         r"extern \"C\" \{|return|case|default|#|\}|asm|static_assert)\b|^\s*[#}]")
# A line of the preprocessor, or of a macro that goes on.
PREPROCESSOR = re.compile(r"^\s*#|\\$")
# Attributes of the lint (lib/thread_safety.hpp) behind a parameter list.
ANNOTATIONS = re.compile(r"(?:\s*FATHOM_\w+(?:\([^()]*\))?)*\s*$")
NAME = re.compile(r"([~\w]+|operator\s*\S{1,3})\s*\(")

# Folders whose headers are interfaces of the kernel: each function says where it may be called.
INTERFACES = ("kernel/mm", "kernel/sched", "kernel/sync", "kernel/trace", "kernel/context")
# The fixed vocabulary of a Context line: grep finds it, tools/generate_sweep.py reads it.
VOCABULARY = ("any", "preemptible", "atomic", "interrupts off", "exception stack", "trap stack",
              "panic stack", "boot", "once per CPU")
CONTEXT = re.compile(r"^\s*//[/!]?\s*Context:\s*(.*)$")
NOT_NAMES = {"requires", "decltype", "alignas", "noexcept", "explicit", "gnu", "if", "defined",
             "static_assert", "sizeof", "__attribute__"}


def function_length(file):
    """A function is a screenful: at most FUNCTION_LINES lines, its signature included."""
    if not file.is_cpp:
        return
    number = 0
    while number < len(file.code):
        line = file.code[number]
        if line.strip() and "(" in line and not NO_FUNCTION.match(line):
            end = body_end(file.code, number)
            if end is not None:
                length = sum(not PREPROCESSOR.search(text) for text in file.lines[number:end + 1])
                name = NAME.search(line)
                key = (file.name, name.group(1) if name else "")
                if length > FUNCTION_LINES and key not in LONG_FUNCTIONS:
                    yield number + 1, f"a function of {length} lines; {FUNCTION_LINES} are allowed"
                number = end
        number += 1


def body_end(code, start):
    """The last line of the function whose signature starts at `start`, or None if there is no
    body, or if it is on one line."""
    indent = len(code[start]) - len(code[start].lstrip())
    for number in range(start, min(start + 12, len(code))):
        stripped = code[number].rstrip()
        if stripped.endswith(";") or (number > start and stripped.endswith("}")):
            return None
        if stripped.endswith("{"):
            if not is_body(" ".join(code[start:number + 1])):
                return None
            break
    else:
        return None
    closing = " " * indent + "}"
    for end in range(number + 1, len(code)):
        if code[end].startswith(closing):
            return end
    return None


def is_body(signature):
    """Whether a brace after `signature` opens a function, not an initialiser."""
    before = ANNOTATIONS.sub("", signature.rstrip()[:-1])
    return before.endswith((")", "const", "noexcept", "override", "final")) or "->" in before \
        or "requires" in before or bool(re.search(r"\)\s*:\s", before))


def context_lines(file):
    """Every public function of an interface header says from which context it may be called: in
    its own doc comment, or all of them by the Context line of the file comment. One that says
    "each ..." or "see each" sends the reader to the functions."""
    if not file.is_header or not file.is_in(*INTERFACES):
        return
    yield from known_words(file)
    whole_file = file_context(file)
    if whole_file is not None and not whole_file.startswith(("each", "see each")):
        return
    for number, name, comment in public_functions(file):
        if not any(CONTEXT.match(line) for line in comment):
            yield number, f"{name}(): its comment has no Context line"


def known_words(file):
    """A function's Context line uses the fixed vocabulary."""
    for number, line in enumerate(file.lines, 1):
        match = CONTEXT.match(line)
        if match and "///" in line and not match.group(1).startswith(VOCABULARY):
            yield number, f"Context: {match.group(1)}: begin with one of {', '.join(VOCABULARY)}"


def file_context(file):
    """What the file comment says behind `Context:`, or None."""
    for line in file.lines:
        if not line.startswith("//"):
            return None
        match = CONTEXT.match(line)
        if match:
            return match.group(1).lower()
    return None


def public_functions(file):
    """The functions declared at namespace scope and in public parts of classes, as (line number,
    name, doc comment lines). Special members and one-line accessors need no comment."""
    hidden = []          # for each open class: is the current part private or protected?
    inside_body = None   # indentation at which a function body closes
    comment = []
    in_macro = False
    for number, (line, code) in enumerate(zip(file.lines, file.code), 1):
        was_macro, in_macro = in_macro, line.endswith("\\")
        if was_macro:
            continue
        indent = len(line) - len(line.lstrip())
        stripped = code.strip()
        if inside_body is not None:
            if code.startswith(" " * inside_body + "}"):
                inside_body = None
            continue
        if line.strip().startswith("///"):
            comment.append(line)
            continue
        if not stripped or PREPROCESSOR.search(code):
            continue
        follow_classes(stripped, indent, hidden)
        name = declared_function(stripped, code)
        if name is not None:
            body = body_end(file.code, number - 1)
            if not any(part for _, part in hidden) and (body is not None or ";" in
                                                        joined(file.code, number - 1)):
                yield number, name, comment
            inside_body = indent if body is not None else None
        if name is not None or not stripped.startswith(("template", "[[", "requires")):
            comment = []


def follow_classes(stripped, indent, hidden):
    """Keeps `hidden`, a stack of [indentation, is this part hidden], up to date with a line."""
    if re.match(r"(?:template\s*<.*>\s*)?(class|struct)\b[^;]*\{$", stripped):
        hidden.append([indent, "class" in stripped.split("{")[0].split()])
    elif re.match(r"(public|private|protected):", stripped) and hidden:
        hidden[-1][1] = not stripped.startswith("public")
    elif stripped in ("};", "}") and hidden and hidden[-1][0] == indent:
        hidden.pop()
    elif re.match(r"namespace detail\b", stripped):
        hidden.append([indent, True])
    elif stripped.startswith("}") and hidden and hidden[-1][0] == indent:
        hidden.pop()


def joined(code, start):
    """A declaration from line `start` to its ; or {."""
    text = ""
    for line in code[start:start + 8]:
        text += " " + line.strip()
        if line.rstrip().endswith((";", "{", "}")):
            break
    return text


def declared_function(stripped, code):
    """The name of the function that this line begins to declare, or None. One-line bodies
    (accessors), defaulted, deleted and static_assert lines are none."""
    stripped = re.sub(r"\[\[.*?\]\]\s*", "", stripped)
    if NO_FUNCTION.match(code) or stripped.startswith(("using", "friend", "static_assert", "asm",
                                                       "constinit", "operator", "explicit operator",
                                                       ")", ":", "[", "template", "requires",
                                                       "FATHOM_", "//")):
        return None
    if stripped.endswith("}") or "= default" in stripped or "= delete" in stripped:
        return None
    for match in NAME.finditer(stripped.split("=")[0]):
        if match.group(1) not in NOT_NAMES and not match.group(1).startswith("~"):
            return match.group(1)
    return None
