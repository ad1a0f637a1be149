from hypothesis import given
from hypothesis import strategies as st

from adapters.jira.adf import document, plain
from tests.adapters.jira.reading import recorded

LINES = st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8), max_size=8)


@given(LINES)
def test_plain_text_reads_back_as_it_was_written(lines: list[str]) -> None:
    text = "\n".join(lines)

    assert plain(document(text)) == "\n".join(text.splitlines())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.fixed_dictionaries(
                {"type": st.sampled_from(["doc", "text", "listItem", "mention", "tableRow"])},
                optional={"content": inner, "attrs": inner, "text": inner},
            )
        ),
        max_leaves=12,
    )
)
def test_any_document_has_some_text(node: object) -> None:
    assert isinstance(plain(node), str)


def test_rich_text_keeps_its_words_in_lines() -> None:
    def of(kind: str, *content: object, **attrs: object) -> dict[str, object]:
        return {"type": kind, "content": list(content), "attrs": attrs}

    def text(words: str) -> dict[str, object]:
        return {"type": "text", "text": words}

    told = of(
        "doc",
        of("heading", text("Impact"), level=2),
        of("paragraph", text("Ask "), of("mention", id="5b10", text="@ann"), text(" first")),
        of(
            "orderedList",
            of("listItem", of("paragraph", text("Stop"))),
            of("listItem", of("paragraph", text("Start")), of("bulletList", of("listItem"))),
        ),
        of("table", of("tableRow", of("tableCell", text("a")), of("tableCell", text("b")))),
        of("mediaSingle", of("media", alt="graph.png")),
    )

    assert plain(told).split("\n\n") == [
        "Impact",
        "Ask @ann first",
        "1. Stop\n2. Start\n  * ",
        "a | b",
        "graph.png",
    ]


def test_a_document_nested_without_end_ends() -> None:
    node: dict[str, object] = {"type": "text", "text": "deep"}
    for _ in range(200):
        node = {"type": "blockquote", "content": [node]}

    assert plain(node) == ""


def test_webhooks_carry_plain_text() -> None:
    comment = recorded("webhook-cloud-comment-created")["comment"]

    assert plain(comment["body"]) == "Added a comment"
    assert plain(None) == ""
