"""The drawing in the README is the graph that runs."""

from pathlib import Path

from agent.graph import compiled

README = Path(__file__).resolve().parents[2] / "agent" / "README.md"


def test_the_drawing_in_the_readme_is_the_compiled_graph():
    drawn = README.read_text(encoding="utf-8").split("```mermaid\n")[1].split("```")[0]
    assert drawn.strip() == compiled(None).get_graph().draw_mermaid(with_styles=False).strip()
