"""The names of all families of rows and columns, read from the source of `optimizer/model`."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "optimizer" / "model"
MAKERS = {"add_columns", "add_row", "add_rows"}


def families_in_source() -> set[str]:
    """Every name under which a module adds columns or rows.

    A name that is not written out at the call is followed: to the loop that gives it, or to the calls of the function
    whose parameter it is. One that cannot be followed is an error, so that no family is missed.
    """
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
    found: set[str] = set()
    for path, tree in trees.items():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            for call in _calls(function):
                if isinstance(call.func, ast.Attribute) and call.func.attr in MAKERS and path.name != "rows.py":
                    names = _names(call.args[0], function, trees)
                    if not names:
                        raise AssertionError(f"{path.name}, line {call.lineno}: the name of the family cannot be told")
                    found |= names
    return found


def _calls(node: ast.AST) -> list[ast.Call]:
    return [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]


def _names(node: ast.expr, function: ast.FunctionDef, trees: dict[Path, ast.Module]) -> set[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.JoinedStr):
        parts = [
            {str(part.value)} if isinstance(part, ast.Constant) else _names(part.value, function, trees)  # type: ignore[attr-defined]
            for part in node.values
        ]
        joined = {""}
        for part in parts:
            joined = {left + right for left in joined for right in part}
        return joined
    if not isinstance(node, ast.Name):
        return set()
    for loop in ast.walk(function):
        if isinstance(loop, ast.For) and isinstance(loop.target, ast.Tuple) and isinstance(loop.iter, ast.Tuple):
            targets = [target.id for target in loop.target.elts if isinstance(target, ast.Name)]
            if node.id in targets:
                place = targets.index(node.id)
                return {row.elts[place].value for row in loop.iter.elts}  # type: ignore[attr-defined]
    parameters = [argument.arg for argument in function.args.args if argument.arg != "self"]
    if node.id not in parameters:
        return set()
    place = parameters.index(node.id)
    names: set[str] = set()
    for tree in trees.values():
        for caller in ast.walk(tree):
            if isinstance(caller, ast.FunctionDef) and caller.name != function.name:
                for call in _calls(caller):
                    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                    if called == function.name and len(call.args) > place:
                        names |= _names(call.args[place], caller, trees)
    return names
