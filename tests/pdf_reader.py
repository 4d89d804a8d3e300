"""Reads a PDF as a screen reader and an eye do: its structure, what is left out of it, where text stands."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import Name

BLOCKS = {"H1", "H2", "H3", "P", "Lbl", "LBody", "Figure"}


@dataclass
class Text:
    """What one marked content or artifact shows. Positions in points from the page's left bottom corner."""

    page: int
    text: str = ""
    left: float = 0
    right: float = 0
    bottom: float = 0


@dataclass
class Node:
    """An element of the structure tree."""

    role: str
    children: list[Node | Text] = field(default_factory=list)
    attributes: dict[str, Any] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)

    def texts(self) -> Iterator[Text]:
        for child in self.children:
            if isinstance(child, Text):
                yield child
            else:
                yield from child.texts()

    @property
    def text(self) -> str:
        return "".join(text.text for text in self.texts())

    @property
    def pages(self) -> list[int]:
        return sorted({text.page for text in self.texts()})

    def nodes(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            if isinstance(child, Node):
                yield from child.nodes()

    def find(self, role: str) -> list[Node]:
        return [node for node in self.nodes() if node.role == role]

    def blocks(self) -> list[tuple[str, str]]:
        """Role and text of all that is read as one, in reading order."""
        found: list[tuple[str, str]] = []

        def walk(node: Node, block: str) -> None:
            is_new = True
            for child in node.children:
                if isinstance(child, Node) and child.role in BLOCKS | {"L", "LI", "Sect"}:
                    walk(child, child.role)
                    is_new = True
                    continue
                text = child.text
                if is_new:
                    found.append((block, text))
                else:
                    found[-1] = (block, found[-1][1] + text)
                is_new = False

        walk(self, self.role)
        return found

    def outline(self) -> Any:
        """Roles alone, nested: `("L", [("LI", [...])])`."""
        return (self.role, [child.outline() for child in self.children if isinstance(child, Node)])


class PdfReader:
    """A PDF, read whole at once."""

    def __init__(self, data: bytes) -> None:
        self.pdf = pikepdf.open(BytesIO(data))
        self.page_numbers = {page.objgen: number for number, page in enumerate(self.pdf.pages)}
        self.marks: dict[tuple[int, int], Text] = {}
        self.artifacts: list[Text] = []
        self.untagged: list[Text] = []
        for number, page in enumerate(self.pdf.pages):
            self._read_page(number, page)
        self.reached: list[tuple[int, int]] = []
        self.linked: list[Any] = []
        self.document = self._read_structure(self.pdf.Root.StructTreeRoot.K[0], 0)

    @property
    def blocks(self) -> list[tuple[str, str]]:
        return self.document.blocks()

    @property
    def unread(self) -> list[str]:
        """Marked content that no structure element holds: neither read nor declared page furniture."""
        return [text.text for key, text in self.marks.items() if key not in self.reached]

    @property
    def links_outside_structure(self) -> int:
        annotations = [a.objgen for page in self.pdf.pages for a in page.get("/Annots", [])]
        return len(set(annotations) - set(self.linked))

    def artifacts_of(self, page: int) -> list[str]:
        return [text.text for text in self.artifacts if text.page == page and text.text]

    def texts_of(self, page: int) -> list[Text]:
        """All that is painted on a page, furniture and all."""
        return [text for text in [*self.marks.values(), *self.artifacts] if text.page == page and text.text]

    @property
    def bookmarks(self) -> list[Any]:
        def titles(items: Any) -> list[Any]:
            return [(item.title, titles(item.children)) if item.children else item.title for item in items]

        with self.pdf.open_outline() as outline:
            return titles(outline.root)

    @property
    def fonts(self) -> set[str]:
        return {
            str(font.BaseFont).partition("+")[2]
            for page in self.pdf.pages
            for font in page.Resources.get("/Font", {}).values()
        }

    @property
    def metadata(self) -> str:
        return self.pdf.Root.Metadata.read_bytes().decode()

    def _read_structure(self, element: Any, page: int) -> Node:
        node = Node(str(element.S)[1:])
        if "/Pg" in element:
            page = self.page_numbers[element.Pg.objgen]
        for key in ("/Alt", "/E", "/ActualText"):
            if key in element:
                node.attributes[key[1:]] = str(element[key])
        if "/A" in element:
            node.attributes |= {
                key[1:]: str(value) for key, value in element.A.items() if isinstance(value, pikepdf.Name)
            }
        for kid in element.K:
            if isinstance(kid, int):
                node.children.append(self._reach(page, kid))
            elif kid.Type == Name.MCR:
                node.children.append(self._reach(self.page_numbers[kid.Pg.objgen], int(kid.MCID)))
            elif kid.Type == Name.OBJR:
                node.links.append(str(kid.Obj.A.URI))
                self.linked.append(kid.Obj.objgen)
            else:
                assert kid.P.objgen == element.objgen
                node.children.append(self._read_structure(kid, page))
        return node

    def _reach(self, page: int, mark: int) -> Text:
        assert (page, mark) not in self.reached
        self.reached.append((page, mark))
        return self.marks[page, mark]

    def _read_page(self, number: int, page: pikepdf.Page) -> None:
        fonts = {name: _Font(font) for name, font in page.Resources.get("/Font", {}).items()}
        height = float(page.MediaBox[3])
        font, size, x, y = None, 0.0, 0.0, 0.0
        open_contents: list[Text] = []
        for instruction in pikepdf.parse_content_stream(page):
            operands: Any = instruction.operands
            match str(instruction.operator):
                case "BDC" | "BMC":
                    content = Text(number)
                    if str(operands[0]) == "/Artifact":
                        self.artifacts.append(content)
                    else:
                        self.marks[number, int(operands[1].MCID)] = content
                    open_contents.append(content)
                case "EMC":
                    open_contents.pop()
                case "Tf":
                    font, size = fonts[str(operands[0])], float(operands[1]) * 0.75
                case "Tm":
                    x, y = float(operands[4]) * 0.75, height - float(operands[5]) * 0.75
                case "TJ":
                    assert font is not None
                    if open_contents:
                        content = open_contents[-1]
                    else:
                        content = Text(number)
                        self.untagged.append(content)
                    text, width = font.read(operands[0])
                    if not content.text:
                        content.left, content.bottom = x, y
                    content.text += text
                    visible = width - font.widths[" "] * (text.endswith(" "))
                    content.right = max(content.right, x + visible * size / 1000)
                case _:
                    pass


class _Font:
    """The characters and widths (in thousandths of an em) of a font's glyphs."""

    def __init__(self, font: Any) -> None:
        self.characters: dict[int, str] = {}
        for block in re.findall(r"beginbfchar(.*?)endbfchar", font.ToUnicode.read_bytes().decode(), re.S):
            for glyph, text in re.findall(r"<(\w+)>\s*<(\w+)>", block):
                self.characters[int(glyph, 16)] = bytes.fromhex(text).decode("utf-16-be")
        self.glyph_widths: dict[int, float] = defaultdict(float)
        numbers = list(font.DescendantFonts[0].W)
        for first, widths in zip(numbers[::2], numbers[1::2], strict=True):
            for offset, width in enumerate(widths):
                self.glyph_widths[int(first) + offset] = float(width)
        self.widths = {text: self.glyph_widths[glyph] for glyph, text in self.characters.items()}

    def read(self, array: Any) -> tuple[str, float]:
        text, width = "", 0.0
        for part in array:
            if isinstance(part, pikepdf.String):
                data = bytes(part)
                for start in range(0, len(data), 2):
                    glyph = int.from_bytes(data[start : start + 2])
                    text += self.characters[glyph]
                    width += self.glyph_widths[glyph]
            else:
                width -= float(part)
        return text, width
