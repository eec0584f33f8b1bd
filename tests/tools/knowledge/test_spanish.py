"""Spanish policy sections say what the English section of the same version says."""

import re

import pytest
import yaml

from tools.knowledge import spanish
from tools.knowledge.documents import read_policies

ENGLISH = {
    (document.id, document.version, section.number): (document, section)
    for document in read_policies()
    for section in document.sections
}
FILES = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(spanish.SPANISH.glob("*.yaml"))]
CASES = [(spec, number) for spec in FILES for number in spec["sections"]]
_FIGURE = re.compile(r"\$?\d+(?:\.\d+)?")


@pytest.mark.parametrize(("spec", "number"), CASES, ids=[f"{spec['id']}-{number}" for spec, number in CASES])
def test_a_spanish_section_renders_a_version_that_is_there_and_adds_no_figure(spec, number):
    document, section = ENGLISH[spec["id"], spec["version"], number]
    assert spec["effective_on"] == document.effective_on
    words = spanish.section(spec["id"], spec["version"], number)
    assert set(_FIGURE.findall(words.text)) <= set(_FIGURE.findall(section.text))
    assert words.heading != section.heading


def test_an_older_version_has_no_spanish_of_the_newer():
    assert spanish.section("fee-schedule", "1.0", "2.1") is None
