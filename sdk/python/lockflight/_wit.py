"""The generated bindings where they are, and their double everywhere else.

All of the SDK reaches the host through the names of this module. Inside a component they are componentize-py's modules of the world
that is built (a scorer has `types` alone); on a plain interpreter they are those of `lockflight._double`.
"""

try:
    import wit_world
    from componentize_py_types import Err
except ModuleNotFoundError:
    from lockflight._double import Err, answers, blobs, exports, job, tables, types

    IS_COMPONENT = False
else:
    # Imported here and not when needed: a component holds only what was imported while it was built.
    from importlib import import_module

    def _part(name):
        try:
            return import_module(f"wit_world.{name}")
        except ModuleNotFoundError:
            return None

    types, job, tables, blobs, answers = (_part(f"imports.{name}") for name in ("types", "job", "tables", "blobs", "answers"))

    class exports:
        """The records of the exported interfaces; only those of the present world are there."""

        validator, trainer = _part("exports.validator"), _part("exports.trainer")
        packager, deployer, monitorer = _part("exports.packager"), _part("exports.deployer"), _part("exports.monitorer")

    IS_COMPONENT = True

__all__ = ["IS_COMPONENT", "Err", "answers", "blobs", "exports", "job", "tables", "types"]
