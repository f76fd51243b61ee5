"""Asks a running `lockflight serve` for predictions with tritonclient, the client that knows the protocol best.

Usage: open_inference.py HOST:PORT ENDPOINT ROWS.csv
"""

import csv
import json
import struct
import sys
import urllib.request
from collections.abc import Callable

import numpy
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from checks import expect, run

ROWS = 5

# A column of numbers and one of dates, to ask for in wrong ways.
NUMBER, DATE = "temp", "dteday"

OUTPUT = "prediction"


class Client:
    """The endpoint, as two clients see it: tritonclient, and one that posts rows as JSON."""

    def __init__(self, address: str, model: str, path: str) -> None:
        self.address = address
        self.model = model
        self.server = triton.InferenceServerClient(address)
        self.metadata = self.server.get_model_metadata(model)
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        # Tensors of this client have no nulls.
        whole = [row for row in rows if all(row[name] for name in self.inputs())]
        self.rows = whole[:ROWS]

    def inputs(self) -> dict[str, str]:
        """The datatype of every column that the model wants."""
        return {item["name"]: item["datatype"] for item in self.metadata["inputs"]}

    def tensors(self, *, binary: bool = False, **instead: triton.InferInput) -> list[triton.InferInput]:
        """The rows as one tensor for each column; some may be replaced."""
        columns = ((name, [row[name] for row in self.rows]) for name in self.inputs())
        return [instead.get(name) or self.tensor(name, cells, binary=binary) for name, cells in columns]

    def tensor(self, name: str, cells: list, datatype: str = "", binary: bool = False) -> triton.InferInput:
        """A column, of its own datatype or of another."""
        datatype = datatype or self.inputs()[name]
        tensor = triton.InferInput(name, [len(cells)], datatype)
        tensor.set_data_from_numpy(array(cells, datatype), binary_data=binary)
        return tensor

    def infer(self, tensors: list[triton.InferInput] | None = None, **options: object) -> triton.InferResult:
        """Asks for predictions as JSON, unless the options say otherwise."""
        options.setdefault("outputs", [triton.InferRequestedOutput(OUTPUT, binary_data=False)])
        model = options.pop("model", self.model)
        return self.server.infer(model, tensors or self.tensors(), **options)

    def records(self) -> list[dict[str, object]]:
        """The rows as `/predict` takes them."""
        kinds = self.inputs()
        return [{name: cell(row[name], kind) for name, kind in kinds.items()} for row in self.rows]

    def predict(self) -> list[float]:
        """The predictions of `/predict`."""
        body = json.dumps(self.records()).encode()
        request = urllib.request.Request(f"http://{self.address}/predict/{self.model}", body)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return [row[OUTPUT] for row in json.load(answer)["predictions"]]


def cell(text: str, datatype: str) -> object:
    """A cell of the CSV file as JSON has it."""
    return text if datatype == "BYTES" else float(text)


def array(cells: list, datatype: str) -> numpy.ndarray:
    """Cells as this client wants them."""
    if datatype == "BYTES":
        return numpy.array([str(text) for text in cells], dtype=numpy.object_)
    return numpy.array([float(text) for text in cells], dtype=triton_type(datatype))


def triton_type(datatype: str) -> type:
    """The type of a tensor of numbers."""
    return {"FP64": numpy.float64, "FP32": numpy.float32, "INT64": numpy.int64}[datatype]


def bits(numbers: list[float]) -> list[str]:
    """Numbers as the bits that they are, so that nothing is taken for equal that only nearly is."""
    return [struct.pack(">d", number).hex() for number in numbers]


def same_as_predict(client: Client, result: triton.InferResult) -> None:
    """Fails unless the result is what `/predict` says of the same rows."""
    output = result.as_numpy(OUTPUT)
    expect(output is not None, f"there is no output {OUTPUT!r} in {result.get_response()}")
    expect(output.dtype == numpy.float64 and output.shape == (ROWS,), f"{output.dtype} of shape {output.shape}")
    found, wanted = bits(output.tolist()), bits(client.predict())
    expect(found == wanted, f"found {found}, /predict says {wanted}")


def refused(status: str, saying: list[str], ask: Callable[[], object]) -> None:
    """Fails unless the server refuses with this status and a message that says these words."""
    try:
        answer = ask()
    except InferenceServerException as error:
        expect(error.status() == status, f"status {error.status()}, wants {status}: {error.message()}")
        missing = [word for word in saying if word not in error.message()]
        expect(not missing, f"the message does not say {missing}: {error.message()}")
        return
    raise AssertionError(f"it was not refused: {answer}")


def health(client: Client) -> dict[str, Callable[[], None]]:
    """What an orchestrator asks first."""
    server = client.server
    return {
        "server-live": lambda: expect(server.is_server_live(), "it is not live"),
        "server-ready": lambda: expect(server.is_server_ready(), "it is not ready"),
        "model-ready": lambda: expect(server.is_model_ready(client.model), "it is not ready"),
        "version-ready": lambda: expect(server.is_model_ready(client.model, "1"), "it is not ready"),
        "other-model-not-ready": lambda: expect(not server.is_model_ready("nobody"), "a model of no name is ready"),
        "server-metadata": lambda: server_metadata(server.get_server_metadata()),
        "model-metadata": lambda: model_metadata(client),
    }


def server_metadata(metadata: dict) -> None:
    """The server's name, version and extensions."""
    expect(metadata["name"] == "lockflight" and metadata["version"], f"{metadata}")
    expect(isinstance(metadata["extensions"], list), f"extensions are no list: {metadata}")


def model_metadata(client: Client) -> None:
    """Columns of any length, of datatypes that the protocol knows."""
    metadata = client.metadata
    expect(metadata["name"] == client.model and metadata["versions"] == ["1"], f"{metadata}")
    known = {"BOOL", "BYTES", "FP32", "FP64"} | {f"{sign}INT{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)}
    for tensor in metadata["inputs"] + metadata["outputs"]:
        expect(tensor["shape"] == [-1] and tensor["datatype"] in known, f"{tensor}")
    kinds = client.inputs()
    expect((kinds.get(NUMBER), kinds.get(DATE)) == ("FP64", "BYTES"), f"a number and a date: {kinds}")
    expect([item["name"] for item in metadata["outputs"]] == [OUTPUT], f"{metadata['outputs']}")


def answers(client: Client) -> dict[str, Callable[[], None]]:
    """Requests that are right, in the ways that this client has of asking."""
    wants_binary = [triton.InferRequestedOutput(OUTPUT, binary_data=True)]
    return {
        "infer-as-predict": lambda: same_as_predict(client, client.infer()),
        "infer-version": lambda: same_as_predict(client, client.infer(model_version="1")),
        # Without a word on outputs this client asks for binary ones, and has to read JSON all the same.
        "infer-no-outputs-named": lambda: same_as_predict(client, client.infer(outputs=None)),
        "infer-binary-outputs-as-json": lambda: same_as_predict(client, client.infer(outputs=wants_binary)),
        "infer-columns-in-any-order": lambda: same_as_predict(client, client.infer(client.tensors()[::-1])),
        "request-id": lambda: request_id(client),
        "model-and-version-in-the-answer": lambda: named(client),
    }


def request_id(client: Client) -> None:
    """An id comes back as it was sent."""
    sent = "Größe 1/2"
    found = client.infer(request_id=sent).get_response().get("id")
    expect(found == sent, f"sent {sent!r}, found {found!r}")


def named(client: Client) -> None:
    """The answer says who gave it."""
    response = client.infer().get_response()
    found = (response.get("model_name"), response.get("model_version"))
    expect(found == (client.model, "1"), f"{found}")


def refusals(client: Client) -> dict[str, Callable[[], None]]:
    """Requests that are wrong: each is refused, with a message that helps."""
    numbers = [row[NUMBER] for row in client.rows]
    fewer = client.tensor(NUMBER, numbers[:-1])
    as_text = client.tensor(NUMBER, ["warm"] * ROWS, "BYTES")
    no_date = client.tensor(DATE, ["yesterday"] * ROWS)
    as_number = client.tensor(DATE, [1.5] * ROWS, "FP64")
    unknown = [triton.InferRequestedOutput("nothing", binary_data=False)]

    def ask(**instead: triton.InferInput) -> Callable[[], object]:
        return lambda: client.infer(client.tensors(**instead))

    return {
        "shape-of-fewer-elements": lambda: refused("400", [DATE, "shape"], lambda: reshaped(client, [ROWS - 1])),
        "shape-of-more-elements": lambda: refused("400", [DATE, "shape"], lambda: reshaped(client, [ROWS + 1])),
        "wrong-rank": lambda: refused("400", [DATE], lambda: reshaped(client, [ROWS, 2])),
        "columns-of-unequal-length": lambda: refused("400", [NUMBER], ask(**{NUMBER: fewer})),
        "wrong-datatype-for-a-number": lambda: refused("400", [NUMBER], ask(**{NUMBER: as_text})),
        "wrong-datatype-for-a-date": lambda: refused("400", [DATE], ask(**{DATE: as_number})),
        "no-date": lambda: refused("400", [DATE, "yesterday"], ask(**{DATE: no_date})),
        "missing-input": lambda: refused("400", ["missing"], lambda: client.infer(client.tensors()[:-1])),
        "unknown-output": lambda: refused("400", ["nothing", OUTPUT], lambda: client.infer(outputs=unknown)),
        "unknown-model": lambda: refused("404", ["nobody", client.model], lambda: client.infer(model="nobody")),
        "unknown-version": lambda: refused("404", ["99", client.model], lambda: client.infer(model_version="99")),
        "unknown-model-metadata": lambda: refused(
            "404", ["nobody"], lambda: client.server.get_model_metadata("nobody")
        ),
        "binary-inputs": lambda: refused(
            "400", ["binary", "binary_data=False"], lambda: client.infer(client.tensors(binary=True))
        ),
        "infer-after-all-that": lambda: same_as_predict(client, client.infer()),
    }


def reshaped(client: Client, shape: list[int]) -> triton.InferResult:
    """Asks with columns that say another shape than they have. The client lets one change it afterwards."""
    tensors = client.tensors()
    for tensor in tensors:
        tensor.set_shape(shape)
    return client.infer(tensors)


def main() -> None:
    """Connects, and runs all checks."""
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    client = Client(*sys.argv[1:])
    run(health(client) | answers(client) | refusals(client))


if __name__ == "__main__":
    main()
