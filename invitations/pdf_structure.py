"""Give a letter's PDF the structure of its HTML, for those who have it read aloud.

WeasyPrint 70 tags what it paints, page by page and box by box: a paragraph cut at a page end becomes two, a
nested list leaves its item, the margin's repeated column is tagged yet belongs to nothing, and spaces at line
ends are lost (`regionerfor`). Validators accept that; a listener should not have to. So its structure tree is
thrown away here and built anew from the HTML, to which every piece of painted text leads back. ISO 32000-1,
14.7 to 14.9, says what the tree holds; ISO 14289-1 (PDF/UA-1), what it must hold.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any
from xml.etree.ElementTree import Element

import pydyf
from weasyprint.document import Document

from invitations.pdf_painting import PaintedPage, Piece, Space, before_lost_spaces, pieces

# A `span` of this class in a list item is the item's label, as a bullet or a number is.
LABEL = "label"
ROLES = {
    "section": "Sect",
    "p": "P",
    "h1": "H1",
    "h2": "H2",
    "h3": "H3",
    "ul": "L",
    "ol": "L",
    "a": "Link",
    "img": "Figure",
    "table": "Table",
    "thead": "THead",
    "tbody": "TBody",
}
# What the head of a column or a row says of itself (ISO 32000-1, 14.8.5.7).
SCOPES = {"col": "/Column", "row": "/Row"}
# A `span` of this class is read as its `title`, whatever is painted.
SPOKEN = "spoken"
# How a list says that its labels are bullets; else they are numbers. Times in a programme are neither.
BULLETS = {"•": "/Disc", "◦": "/Circle"}

POINTS_PER_PIXEL = 0.75

# PDF/A does not know the mark of PDF/UA, so the metadata must describe it (ISO 19005-3, 6.6.2.3).
PDF_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


def finish(
    document: Document, pdf: pydyf.PDF, *, painted: Sequence[PaintedPage], html: Element, space: Space
) -> None:
    """Put the structure of `html` into the painted PDF, in place, just before it is written.

    Raises `ReadingOrderError` where the PDF does not hold the words of the HTML in their order.
    """
    found = list(pieces(painted))
    _discard_structure(pdf)
    tree = StructureTree(pdf, html)
    for piece in found:
        tree.add(piece)
    tree.write_parent_tree()

    tagged = {(piece.page, piece.mark) for piece in found if piece.is_content}
    spaced = {(piece.page, piece.mark) for piece in before_lost_spaces(found, html)}
    for number, reference in enumerate(pdf.page_references):
        content = _object(pdf, _object(pdf, reference)["Contents"]).stream
        _make_artifacts(content, keep={mark for page, mark in tagged if page == number})
        _set_spaces(content, after={mark for page, mark in spaced if page == number}, space=space)

    _claim_pdf_ua(pdf)


class StructureTree:
    """The structure tree of a PDF, grown piece by piece; an HTML element joins it with its first piece."""

    def __init__(self, pdf: pydyf.PDF, html: Element) -> None:
        self.pdf = pdf
        self.parents = {child: parent for parent in html.iter() for child in parent}
        self.owners_of_marks: list[list[Any]] = [[] for _ in pdf.page_references]
        self.owners_of_links: list[tuple[pydyf.Dictionary, bytes]] = []
        self.root = pydyf.Dictionary({"Type": "/StructTreeRoot", "K": pydyf.Array()})
        pdf.add_object(self.root)
        pdf.catalog["StructTreeRoot"] = self.root.reference
        self.elements = {html: self._append("Document", self.root, page=0)}

    def add(self, piece: Piece) -> None:
        """Hang a piece into the tree, after all that was added before it."""
        if piece.mark is None:
            self._add_link(piece)
        elif piece.is_marker:
            label = self._label(piece.element, piece.page)
            self._add_mark(label, piece.page, piece.mark)
            self._name_numbering(label, piece.text.strip())
        elif piece.is_content:
            owner = self._element(piece.element, piece.page)
            self._add_mark(owner, piece.page, piece.mark)
            if owner["S"] == "/Figure":
                self._describe_figure(owner, piece)

    def write_parent_tree(self) -> None:
        """The way back, from marked content and links to their elements (ISO 32000-1, 14.7.4.4)."""
        numbers = pydyf.Array()
        for page, owners in enumerate(self.owners_of_marks):
            numbers.extend([page, pydyf.Array(owners)])
        for key, (annotation, owner) in enumerate(self.owners_of_links, start=len(self.owners_of_marks)):
            annotation["StructParent"] = key
            numbers.extend([key, owner])
        parent_tree = pydyf.Dictionary({"Nums": numbers})
        self.pdf.add_object(parent_tree)
        self.root["ParentTree"] = parent_tree.reference
        self.root["ParentTreeNextKey"] = len(numbers) // 2

    def _add_mark(self, owner: pydyf.Dictionary, page: int, mark: int) -> None:
        reference = self.pdf.page_references[page]
        if owner["Pg"] == reference:
            owner["K"].append(mark)
        else:
            owner["K"].append(pydyf.Dictionary({"Type": "/MCR", "Pg": reference, "MCID": mark}))
        owners = self.owners_of_marks[page]
        owners.extend(["null"] * (mark + 1 - len(owners)))
        owners[mark] = owner.reference

    def _add_link(self, piece: Piece) -> None:
        annotation = piece.box.link_annotation
        page = self.pdf.page_references[piece.page]
        if piece.element.tag != "a":
            # An element within a link gets an area of its own, though that of the link covers it.
            _object(self.pdf, page)["Annots"].remove(annotation.reference)
            annotation.clear()
            return
        owner = self._element(piece.element, piece.page)
        owner["K"].append(pydyf.Dictionary({"Type": "/OBJR", "Obj": annotation.reference, "Pg": page}))
        self.owners_of_links.append((annotation, owner.reference))

    def _describe_figure(self, figure: pydyf.Dictionary, piece: Piece) -> None:
        figure["Alt"] = pydyf.String(piece.element.get("alt", ""))
        page_height = _object(self.pdf, figure["Pg"])["MediaBox"][3]
        left = piece.box.content_box_x() * POINTS_PER_PIXEL
        top = page_height - piece.box.content_box_y() * POINTS_PER_PIXEL
        right = left + piece.box.width * POINTS_PER_PIXEL
        bottom = top - piece.box.height * POINTS_PER_PIXEL
        area = pydyf.Array([left, bottom, right, top])
        figure["A"] = pydyf.Dictionary({"O": "/Layout", "Placement": "/Block", "BBox": area})

    def _element(self, element: Element, page: int) -> pydyf.Dictionary:
        """The structure element that holds an HTML element's own text; made on `page` when first needed."""
        if element not in self.elements:
            self.elements[element] = self._make_element(element, page)
        return self.elements[element]

    def _make_element(self, element: Element, page: int) -> pydyf.Dictionary:
        parent = self._element(self.parents[element], page)
        if element.tag == "tr":
            return self._make_row(element, parent, page)
        if element in self.elements:
            # A cell, which its row has brought along.
            return self.elements[element]
        if element.tag in ROLES:
            return self._append(ROLES[element.tag], parent, page)
        if element.tag == "li":
            return self._append("LBody", self._append("LI", parent, page), page)
        if element.tag == "abbr":
            abbreviation = self._append("Span", parent, page)
            abbreviation["E"] = pydyf.String(element.get("title", ""))
            return abbreviation
        if SPOKEN in element.get("class", "").split():
            spoken = self._append("Span", parent, page)
            spoken["ActualText"] = pydyf.String(element.get("title", ""))
            return spoken
        if LABEL in element.get("class", "").split():
            return self._label(element, page)
        return parent

    def _make_row(self, element: Element, parent: pydyf.Dictionary, page: int) -> pydyf.Dictionary:
        """The row with all its cells: one in which nothing stands holds its column for those on its right."""
        row = self._append("TR", parent, page)
        for cell in element:
            made = self.elements[cell] = self._append(cell.tag.upper(), row, page)
            if cell.tag == "th":
                scope = SCOPES[cell.get("scope", "col")]
                made["A"] = pydyf.Dictionary({"O": "/Table", "Scope": scope})
        return row

    def _label(self, element: Element, page: int) -> pydyf.Dictionary:
        """The label of the list item that an HTML element stands in, before the item's body."""
        while element.tag != "li":
            element = self.parents[element]
        item = _object(self.pdf, self._element(element, page)["P"])
        first = _object(self.pdf, item["K"][0])
        if first["S"] == "/Lbl":
            return first
        label = self._append("Lbl", item, page)
        item["K"].insert(0, item["K"].pop())
        return label

    def _name_numbering(self, label: pydyf.Dictionary, marker: str) -> None:
        item = _object(self.pdf, label["P"])
        numbering = BULLETS.get(marker, "/Decimal")
        _object(self.pdf, item["P"])["A"] = pydyf.Dictionary({"O": "/List", "ListNumbering": numbering})

    def _append(self, role: str, parent: pydyf.Dictionary, page: int) -> pydyf.Dictionary:
        element = pydyf.Dictionary(
            {
                "Type": "/StructElem",
                "S": f"/{role}",
                "P": parent.reference,
                "Pg": self.pdf.page_references[page],
                "K": pydyf.Array(),
            }
        )
        self.pdf.add_object(element)
        parent["K"].append(element.reference)
        return element


def _discard_structure(pdf: pydyf.PDF) -> None:
    """Take out WeasyPrint's structure tree, which with the metadata makes up the file's last objects."""
    first = int(_object(pdf, pdf.catalog["StructTreeRoot"])["ParentTree"].split()[0])
    metadata = _object(pdf, pdf.catalog["Metadata"])
    del pdf.objects[first:]
    pdf.add_object(metadata)
    pdf.catalog["Metadata"] = metadata.reference


def _make_artifacts(content: list[Any], *, keep: Collection[int | None]) -> None:
    """Turn what no structure element holds, as the margins' text, into page furniture that is not read."""
    for position, operator in enumerate(content):
        if operator == b"BDC" and content[position - 1]["MCID"] not in keep:
            content[position - 2 : position] = "/Artifact", pydyf.Dictionary({"Type": "/Pagination"})


def _set_spaces(content: list[Any], *, after: Collection[int | None], space: Space) -> None:
    """Set a space at the end of the given marked contents, in their last typeface."""
    ends_in_space = re.compile(rb"%04x>[-.\d]*\] TJ$" % space.glyph).search
    mark = text = None
    for position, operator in enumerate(content):
        if operator == b"BDC":
            mark, text = content[position - 1].get("MCID"), None
        elif operator == b"EMC" and mark in after and text is not None and not ends_in_space(content[text]):
            content[text] = content[text].removesuffix(b"] TJ") + b"<%04x>] TJ" % space.glyph
        elif isinstance(operator, bytes) and operator.endswith(b"] TJ"):
            text = position


def _claim_pdf_ua(pdf: pydyf.PDF) -> None:
    """Say in the metadata that the file is PDF/UA-1 beside PDF/A; uncompressed, for archives to find."""
    metadata = _object(pdf, pdf.catalog["Metadata"])
    metadata.compress = False
    metadata.stream[0] = metadata.stream[0].replace(b"</rdf:RDF>", PDF_UA + b"</rdf:RDF>", 1)


def _object(pdf: pydyf.PDF, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
