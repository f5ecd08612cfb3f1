"""A pure-Python look at a page: well nested, nothing from elsewhere, no scripts, every id once, every reference met."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "hr", "input", "source"}
LOADS = {"src", "srcset", "data", "poster", "action", "formaction", "background", "ping", "manifest"}
REFERS = {"aria-labelledby", "aria-describedby", "for", "headers"}


class Page(HTMLParser):
    """Collects the text, the ids and everything that is wrong with a page."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.problems: list[str] = []
        self.text: list[str] = []
        self.headings: list[int] = []
        self._open: list[str] = []
        self._ids: Counter[str] = Counter()
        self._references: set[str] = set()
        self.feed(html)
        self.close()
        self.problems += [f"<{tag}> was never closed" for tag in self._open]
        self.problems += [f"id {name} stands {times} times" for name, times in self._ids.items() if times > 1]
        self.problems += [f"nothing has the id {name}" for name in sorted(self._references - set(self._ids))]
        if self.headings[:1] != [1] or self.headings.count(1) != 1:
            self.problems.append(f"headings do not begin with the only h1: {self.headings}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, dict(attrs))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.problems.append(f"</{tag}> closes {self._open[-1:] or 'nothing'}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            self._style(data)
        elif data.strip():
            self.text.append(" ".join(data.split()))

    def _look(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag in {"script", "iframe", "object", "embed", "link", "base", "form", "foreignobject"}:
            self.problems.append(f"<{tag}> has no place here")
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "html" and not attributes.get("lang"):
            self.problems.append("the page has no language")
        if tag == "th" and attributes.get("scope") not in {"col", "row"}:
            self.problems.append("a table heading has no scope")
        for name, value in attributes.items():
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name == "id":
            self._ids[value] += 1
        elif name in REFERS:
            self._references |= set(value.split())
        elif name.startswith("on"):
            self.problems.append(f"<{tag} {name}> runs a script")
        elif name in LOADS:
            self.problems.append(f"<{tag} {name}> loads {value}")
        elif name.endswith("href"):
            self._link(tag, value)
        self._references |= set(re.findall(r"url\(#([^)]*)\)", value))
        if name == "style":
            self._style(value)

    def _link(self, tag: str, value: str) -> None:
        if value.startswith("#"):
            self._references.add(value[1:])
        elif tag != "a" or re.match(r"\s*[a-z]+:", value, re.IGNORECASE):
            self.problems.append(f"<{tag}> refers to {value}")

    def _style(self, text: str) -> None:
        if re.search(r"@import|url\((?!#)|expression\(", text):
            self.problems.append(f"style refers elsewhere: {text[:80]}")
