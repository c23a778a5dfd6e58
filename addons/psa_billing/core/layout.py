"""How an invoice is laid out, and the texts of its lines."""

import re
from dataclasses import dataclass

LINE, ROLE, PERSON, ENTRY = "line", "role", "person", "entry"
SOW, NONE = "sow", "none"
#: What a template of line texts may name.
PLACEHOLDERS = (
    *("line", "role", "phase", "person", "description", "period", "hours", "quantity", "unit"),
    *("order", "project"),
)
#: The text where nobody wrote a template.
TEXTS = {
    LINE: "{line}\n{period}",
    ROLE: "{line}\n{role}\n{period}",
    PERSON: "{line}\n{person}, {period}",
    ENTRY: "{line}\n{period}, {person}: {description}",
}
PLACEHOLDER = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True)
class Layout:
    """``detail``: one line a line, role, person or entry; ``sections``: as in the SOW, by role, or none."""

    detail: str = LINE
    sections: str = SOW
    text: str = ""

    @property
    def template(self):
        return self.text or TEXTS[self.detail]


def unknown_placeholders(text):
    """What stands in braces and is no placeholder, in the order of the text.

    >>> unknown_placeholders("{role} from {phase}, {rate} {}")
    ['rate', '']
    """
    return [name for name in PLACEHOLDER.findall(text or "") if name not in PLACEHOLDERS]


def placeholders_in(template):
    """The placeholders that a template names, each once.

    >>> placeholders_in("{line}\\n{period}, {rate}: {line}")
    ['line', 'period']
    """
    return [name for name in dict.fromkeys(PLACEHOLDER.findall(template)) if name in PLACEHOLDERS]


def line_text(template, values):
    """The text of an invoice line. Separators around what has no value, and rows that are empty, go.

    >>> line_text("{line}\\n{role}, {period}", {"line": "Design", "role": "", "period": "3 March"})
    'Design\\n3 March'
    """
    rows = []
    for row in template.split("\n"):
        text = PLACEHOLDER.sub(lambda match: str(values.get(match[1]) or ""), row)
        text = re.sub(r"(^|(?<=,))[\s,;:–-]*,|[\s,;:–-]+$", "", text).strip(" ,;")
        if text:
            rows.append(text)
    return "\n".join(rows)
