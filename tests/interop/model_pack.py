"""Reads an exported package as ModelPack and OCI say that it has to be, with nothing of lockflight's.

Usage: model_pack.py LAYOUT TAG
"""

import copy
import hashlib
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import jsonschema

from checks import expect, run

SCHEMA = Path(__file__).with_name("modelpack-config.schema.json")

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
ARTIFACT_TYPE = "application/vnd.cncf.model.manifest.v1+json"
CONFIG_TYPE = "application/vnd.cncf.model.config.v1+json"
LAYER_TYPE = re.compile(
    r"application/vnd\.cncf\.model\.(weight|weight\.config|doc|code|dataset)\.v1\.(raw|tar|tar\+gzip|tar\+zstd)"
)
FILEPATH = "org.cncf.model.filepath"
REF_NAME = "org.opencontainers.image.ref.name"


class Package:
    """One package of an OCI image layout."""

    def __init__(self, layout: Path, tag: str) -> None:
        self.layout = layout
        index = json.loads((layout / "index.json").read_bytes())
        tagged = [item for item in index["manifests"] if item.get("annotations", {}).get(REF_NAME) == tag]
        if len(tagged) != 1:
            sys.exit(f"{layout}/index.json has {len(tagged)} manifests with the tag {tag!r}, wants one")
        self.descriptor = tagged[0]
        self.manifest = json.loads(self.blob(self.descriptor))
        self.config = json.loads(self.blob(self.manifest["config"]))

    def blob(self, descriptor: dict) -> bytes:
        """The bytes that a descriptor points at."""
        algorithm, digits = descriptor["digest"].split(":")
        return (self.layout / "blobs" / algorithm / digits).read_bytes()

    def descriptors(self) -> list[dict]:
        """Everything that is pointed at."""
        return [self.descriptor, self.manifest["config"], *self.manifest["layers"]]


def layout_version(package: Package) -> None:
    """The file that says that this folder is a layout."""
    found = json.loads((package.layout / "oci-layout").read_bytes())
    expect(found == {"imageLayoutVersion": "1.0.0"}, f"oci-layout says {found}")


def media_types(package: Package) -> None:
    """The types by which a tool knows that this is a model."""
    manifest = package.manifest
    found = (package.descriptor["mediaType"], manifest["mediaType"], manifest["artifactType"])
    expect(found == (MANIFEST_TYPE, MANIFEST_TYPE, ARTIFACT_TYPE), f"found {found}")
    expect(manifest["schemaVersion"] == 2, f"schemaVersion is {manifest['schemaVersion']}")
    expect(manifest["config"]["mediaType"] == CONFIG_TYPE, f"the config is {manifest['config']['mediaType']}")


def layer_types(package: Package) -> None:
    """Layers of the kinds that there are, weights among them."""
    kinds = [layer["mediaType"] for layer in package.manifest["layers"]]
    wrong = [kind for kind in kinds if not LAYER_TYPE.fullmatch(kind)]
    expect(not wrong, f"no types of layers: {wrong}")
    expect(any(".model.weight.v1." in kind for kind in kinds), f"no layer holds weights: {kinds}")


def blobs(package: Package) -> None:
    """Each blob is what its descriptor says, and there is none besides."""
    for descriptor in package.descriptors():
        content = package.blob(descriptor)
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        expect(digest == descriptor["digest"], f"{descriptor['digest']} is {digest}")
        expect(len(content) == descriptor["size"], f"{digest} has {len(content)} bytes, wants {descriptor['size']}")
    there = {f"sha256:{path.name}" for path in (package.layout / "blobs/sha256").iterdir()}
    pointed_at = {descriptor["digest"] for descriptor in package.descriptors()}
    expect(there == pointed_at, f"blobs that nothing points at: {sorted(there - pointed_at)}")


def file_paths(package: Package) -> None:
    """Where a tool that unpacks the layers puts them: inside its folder, none over another."""
    paths = [layer.get("annotations", {}).get(FILEPATH, "") for layer in package.manifest["layers"]]
    for path in paths:
        inside = path and not path.startswith("/") and ".." not in PurePosixPath(path).parts
        expect(inside, f"{FILEPATH} is {path!r}")
    expect(len(set(paths)) == len(paths), f"two layers have one path: {paths}")


def diff_ids(package: Package) -> None:
    """The digests of what is in the layers, in their order."""
    layers = package.manifest["layers"]
    packed = [layer["mediaType"] for layer in layers if not layer["mediaType"].endswith((".raw", ".tar"))]
    expect(not packed, f"compressed layers, whose content this check can't name: {packed}")
    found, wanted = package.config["modelfs"]["diffIds"], [layer["digest"] for layer in layers]
    expect(found == wanted, f"found {found}, the layers are {wanted}")


def validator() -> jsonschema.Draft202012Validator:
    """The schema of the config, itself checked."""
    schema = json.loads(SCHEMA.read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def config(package: Package) -> None:
    """The config is valid."""
    errors = [f"{error.json_path}: {error.message}" for error in validator().iter_errors(package.config)]
    expect(not errors, "; ".join(errors))


def config_schema_bites(package: Package) -> None:
    """The schema refuses this config once it is spoiled: one that takes anything would say nothing."""
    spoiled: list[tuple[str, Callable[[dict], object]]] = [
        ("a key too many", lambda config: config.update(extra=1)),
        ("a key too many inside", lambda config: config["config"].update(extra=1)),
        ("no files", lambda config: config.pop("modelfs")),
        ("no layers", lambda config: config["modelfs"].update(diffIds=[])),
        ("no digest", lambda config: config["modelfs"].update(diffIds=["latest"])),
        ("no time", lambda config: config["descriptor"].update(createdAt="yesterday")),
        ("no modality", lambda config: config["config"].update(capabilities={"inputTypes": ["table"]})),
    ]
    for what, spoil in spoiled:
        changed = copy.deepcopy(package.config)
        spoil(changed)
        expect(not validator().is_valid(changed), f"{what} is taken for valid")


def main() -> None:
    """Finds the package, and runs all checks."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    package = Package(Path(sys.argv[1]), sys.argv[2])
    checks = {
        "layout-version": layout_version,
        "media-types": media_types,
        "layer-types": layer_types,
        "blobs": blobs,
        "file-paths": file_paths,
        "diff-ids": diff_ids,
        "config": config,
        "config-schema-bites": config_schema_bites,
    }
    run({name: lambda check=check: check(package) for name, check in checks.items()})


if __name__ == "__main__":
    main()
