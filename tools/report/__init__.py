"""The look that Fathom's pictures share, and how a picture becomes one file that needs no network.

    from report import page
    page.write(path, title="Timeline", subtitle="x86_64", body="<main>...</main>",
               styles=[HERE / "view.css"], scripts=[HERE / "view.js"], data={"trace": {...}})

Every page carries look.css (colours for light and dark, type, tables, legends) and look.js (the
theme switch, tooltips, numbers, the data). Scripts see two things:

    fathom.data("trace")       a promise of what was given as data: it is packed into the page
    fathom.group(1234567)      "1,234,567"; more in look.js

The rules' colours are the CSS variables --rule-1 .. --rule-5; fathom.rules says each in a sentence.
A colour never stands alone: beside it is a number, a letter or a pattern.

make report puts all pages into build/report with an index (index.py).
"""
