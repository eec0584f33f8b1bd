from tools.readme import README, current, table
from tools.registry import ALL_TOOLS


def test_the_table_in_the_readme_is_current():
    text = README.read_text()
    assert text == current(text), "run: python -m tools.readme"


def test_the_table_names_every_tool_once():
    assert [row.split("`")[1] for row in table().splitlines()[2:]] == [tool.name for tool in ALL_TOOLS]
