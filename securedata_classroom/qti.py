"""Questions as a QTI 1.2 package, the zip file that Canvas and others import.

The formats: IMS Question & Test Interoperability 1.2, IMS Content Packaging 1.1 (the manifest), and
Canvas's own file beside the quiz, from which programs take its title.
"""

import io
import zipfile
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from securedata_classroom.questions import Answer, Question, as_html, variants

QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
CANVAS = "http://canvas.instructure.com/xsd/cccv1p0"
BESIDE = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
WRITTEN = (2026, 1, 1, 0, 0, 0)  # the same questions make the same bytes
RESPONSE = "response1"


def qti_package(title: str, questions: list[Question]) -> bytes:
    """A zip file with one quiz of this title. Of each question's variants, the quiz draws one.

    >>> answers = Answer("4", False), Answer("8", True)
    >>> package = qti_package("bytes", [Question("1", "How many bits?", answers, "")])
    >>> zipfile.ZipFile(io.BytesIO(package)).namelist()
    ['imsmanifest.xml', 'quiz.xml', 'bytes/assessment_meta.xml']
    """
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        for name, root in (
            ("imsmanifest.xml", _manifest(title)),
            ("quiz.xml", _quiz(title, questions)),
            (_meta_name(title), _meta(title, questions)),
        ):
            indent(root)
            content = tostring(root, encoding="utf-8", xml_declaration=True)
            package.writestr(zipfile.ZipInfo(name, WRITTEN), content, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _manifest(title: str) -> Element:
    manifest = Element("manifest", {"xmlns": PACKAGE, "identifier": f"{title}-package"})
    metadata = SubElement(manifest, "metadata")
    SubElement(metadata, "schema").text = "IMS Content"
    SubElement(metadata, "schemaversion").text = "1.1.3"
    SubElement(manifest, "organizations")
    quiz = {"identifier": title, "type": "imsqti_xmlv1p2", "href": "quiz.xml"}
    resources = SubElement(manifest, "resources")
    resource = SubElement(resources, "resource", quiz)
    SubElement(resource, "file", {"href": "quiz.xml"})
    SubElement(resource, "dependency", {"identifierref": f"{title}-meta"})
    beside = {"identifier": f"{title}-meta", "type": BESIDE, "href": _meta_name(title)}
    SubElement(SubElement(resources, "resource", beside), "file", {"href": _meta_name(title)})
    return manifest


def _meta_name(title: str) -> str:
    """Canvas looks for this name in a folder with the quiz's identifier."""
    return f"{title}/assessment_meta.xml"


def _meta(title: str, questions: list[Question]) -> Element:
    quiz = Element("quiz", {"xmlns": CANVAS, "identifier": title})
    SubElement(quiz, "title").text = title
    SubElement(quiz, "points_possible").text = str(len(variants(questions)))
    return quiz


def _quiz(title: str, questions: list[Question]) -> Element:
    root = Element("questestinterop", {"xmlns": QTI})
    assessment = SubElement(root, "assessment", {"ident": title, "title": title})
    section = SubElement(assessment, "section", {"ident": "root_section"})
    for group in variants(questions):
        place = section if len(group) == 1 else _draw_one(section, title, group[0].number)
        for question in group:
            _add_item(place, title, question)
    return root


def _draw_one(section: Element, title: str, number: str) -> Element:
    """A section of which the quiz draws one question, for one point."""
    names = {"ident": f"{title}-{number}", "title": f"{title} {number}"}
    group = SubElement(section, "section", names)
    selection = SubElement(SubElement(group, "selection_ordering"), "selection")
    SubElement(selection, "selection_number").text = "1"
    extension = SubElement(selection, "selection_extension")
    SubElement(extension, "points_per_item").text = "1"
    return group


def _add_item(place: Element, title: str, question: Question) -> None:
    names = {"ident": f"{title}-{question.name}", "title": f"{title} {question.label}"}
    item = SubElement(place, "item", names)
    fields = SubElement(SubElement(item, "itemmetadata"), "qtimetadata")
    for label, entry in (("question_type", "multiple_choice_question"), ("points_possible", "1")):
        field = SubElement(fields, "qtimetadatafield")
        SubElement(field, "fieldlabel").text = label
        SubElement(field, "fieldentry").text = entry
    presentation = SubElement(item, "presentation")
    _add_text(presentation, question.text)
    asked = {"ident": RESPONSE, "rcardinality": "Single"}
    choice = SubElement(SubElement(presentation, "response_lid", asked), "render_choice")
    for place_of, answer in enumerate(question.answers):
        _add_text(SubElement(choice, "response_label", {"ident": _label(place_of)}), answer.text)
    _add_key(item, question.answers)


def _add_key(item: Element, answers: tuple[Answer, ...]) -> None:
    processing = SubElement(item, "resprocessing")
    score = {"maxvalue": "100", "minvalue": "0", "varname": "SCORE", "vartype": "Decimal"}
    SubElement(SubElement(processing, "outcomes"), "decvar", score)
    condition = SubElement(processing, "respcondition", {"continue": "No"})
    equal = SubElement(SubElement(condition, "conditionvar"), "varequal", {"respident": RESPONSE})
    (equal.text,) = [_label(place) for place, answer in enumerate(answers) if answer.is_right]
    SubElement(condition, "setvar", {"action": "Set", "varname": "SCORE"}).text = "100"


def _add_text(parent: Element, text: str) -> None:
    html = SubElement(SubElement(parent, "material"), "mattext", {"texttype": "text/html"})
    html.text = as_html(text)


def _label(place: int) -> str:
    return f"answer{place + 1}"
