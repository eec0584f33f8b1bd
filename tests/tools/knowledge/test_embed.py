"""The sentence model: equal to the published one, and good for what we use it for."""

from concurrent.futures import ThreadPoolExecutor
from math import erf
from time import process_time

import numpy as np
import pytest

from tools.knowledge import bert
from tools.knowledge.embed import MiniLM, OpenAIEmbedder


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM()


def test_vectors_are_those_of_the_published_model(model: MiniLM) -> None:
    """First components printed by sentence-transformers for its own two example sentences."""
    vectors = model.embed(["This is an example sentence", "Each sentence is converted"])
    np.testing.assert_allclose(vectors[0, :4], [0.0676569, 0.0634959, 0.0487131, 0.0793049], atol=2e-6)
    np.testing.assert_allclose(vectors[1, :4], [0.0864386, 0.1027626, 0.0053946, 0.0020444], atol=2e-6)


@pytest.mark.parametrize(
    ("question", "near", "far"),
    [
        ("I lost my job and can't pay", "help for customers in financial hardship", "how to close a line"),
        ("why was I charged 25 dollars", "late fee amount", "adding a bank account"),
        ("somebody used my account", "unauthorised access and fraud", "moving the due date"),
        ("how much to pay everything off", "payoff amount and settling the balance", "military service"),
    ],
)
def test_related_sentences_are_closer_than_unrelated_ones(
    model: MiniLM, question: str, near: str, far: str
) -> None:
    asked, related, unrelated = model.embed([question, near, far])
    assert asked @ related > asked @ unrelated + 0.1


def test_a_text_has_the_same_vector_alone_and_padded_in_a_batch(model: MiniLM) -> None:
    texts = ["Pay now", "A much longer sentence about the minimum payment that is due next month.", "fee"]
    together = model.embed(texts)
    alone = np.concatenate([model.embed([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_array_equal(model.embed(texts), together)


def test_rows_have_length_one_and_keep_their_order(model: MiniLM) -> None:
    texts = [f"{'very ' * (40 - i)}long {i}" for i in range(40)]
    vectors = model.embed(texts)
    assert vectors.shape == (40, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[7], model.embed([texts[7]])[0], atol=1e-6)


def test_nothing_to_embed_gives_no_rows(model: MiniLM) -> None:
    assert model.embed([]).shape == (0, 384)


def test_a_text_longer_than_the_model_reads_is_cut(model: MiniLM) -> None:
    long = "payment " * 300
    np.testing.assert_allclose(model.embed([long])[0], model.embed([long * 3])[0], atol=1e-6)


def test_several_threads_share_one_model() -> None:
    shared = MiniLM()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: shared.embed(["How do I pay?"]), range(8)))
    assert all(np.array_equal(result, results[0]) for result in results)


def test_the_error_function_is_exact_to_float32() -> None:
    at = np.linspace(-6, 6, 2001, dtype=np.float32)
    exact = np.array([erf(float(x)) for x in at])
    assert float(np.abs(bert._erf(at) - exact).max()) < 5e-7


def test_a_short_query_takes_milliseconds(model: MiniLM) -> None:
    """Twelve milliseconds of one core; counted in processor time, which a busy machine does not stretch."""
    model.embed(["warm"])
    times = []
    for _ in range(9):
        start = process_time()
        model.embed(["when is my payment due"])
        times.append(process_time() - start)
    assert min(times) < 0.05


def test_an_endpoint_is_asked_for_all_texts_at_once_and_its_rows_are_ordered(
    embeddings_endpoint: tuple[str, list[dict[str, object]]],
) -> None:
    url, asked = embeddings_endpoint
    remote = OpenAIEmbedder(model="small", dimensions=2, base_url=url, api_key="none")
    np.testing.assert_allclose(remote.embed(["one", "two"]), [[1, 0], [0, 1]], atol=1e-6)
    assert [request["input"] for request in asked] == [["one", "two"]]
    assert remote.embed([]).shape == (0, 2)
