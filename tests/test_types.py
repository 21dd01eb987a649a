"""The stub that type checkers read says the same as the table that Python reads."""

import ast

import prunewidgets


def test_the_stub_imports_every_public_name_from_where_it_is_defined(root):
    stub = ast.parse((root / "prunewidgets" / "__init__.pyi").read_text(encoding="utf-8"))
    found = {
        alias.asname or alias.name: f"{node.module}.{alias.name}" if node.module else alias.name
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert found == {name: where.replace(":", ".") for name, where in prunewidgets._HOME.items()}
    (exported,) = (node.value for node in stub.body if isinstance(node, ast.Assign))
    assert sorted(ast.literal_eval(exported)) == sorted(prunewidgets.__all__)
