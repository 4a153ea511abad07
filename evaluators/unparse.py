"""`ast.unparse` of a function, the same text in a third of the time.

Canonical text is made of every sample, and half of that time went into `ast.unparse`. The common
nodes are written here by the rules of CPython 3.11; for any other node, and on any version these
rules were not compared with (`tests/evaluators/test_unparse.py` does, over the standard library),
`ast.unparse` itself is called.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

_COMPARED_WITH = {(3, 11)}

# Precedences in the order of CPython's unparser; a child that binds less tightly than its parent
# asks for gets brackets.
_TUPLE, _YIELD, _TEST, _OR, _AND, _NOT, _CMP, _BOR, _BXOR, _BAND = range(2, 12)
_SHIFT, _ARITH, _TERM, _FACTOR, _POWER, _AWAIT, _ATOM = range(12, 19)

_BINARY: dict[type[ast.AST], tuple[str, int]] = {
    ast.Add: ("+", _ARITH),
    ast.Sub: ("-", _ARITH),
    ast.Mult: ("*", _TERM),
    ast.MatMult: ("@", _TERM),
    ast.Div: ("/", _TERM),
    ast.Mod: ("%", _TERM),
    ast.FloorDiv: ("//", _TERM),
    ast.LShift: ("<<", _SHIFT),
    ast.RShift: (">>", _SHIFT),
    ast.BitOr: ("|", _BOR),
    ast.BitXor: ("^", _BXOR),
    ast.BitAnd: ("&", _BAND),
    ast.Pow: ("**", _POWER),
}
_UNARY: dict[type[ast.AST], tuple[str, int]] = {
    ast.Invert: ("~", _FACTOR),
    ast.Not: ("not ", _NOT),
    ast.UAdd: ("+", _FACTOR),
    ast.USub: ("-", _FACTOR),
}
_COMPARISONS: dict[type[ast.AST], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


class _Uncommon(Exception):
    """A node that is left to `ast.unparse`."""


def unparse(tree: ast.AST) -> str:
    """Return exactly what `ast.unparse` returns."""
    if isinstance(tree, ast.FunctionDef) and sys.version_info[:2] in _COMPARED_WITH:
        try:
            return "\n".join(_function(tree, ""))
        except (_Uncommon, KeyError):
            pass
    return ast.unparse(tree)


def _expression(node: Any, around: int = _TEST) -> str:
    """Return the text of an expression.

    Args:
        node: the expression.
        around: how tightly its surroundings bind.
    """
    return _EXPRESSIONS[node.__class__](node, around)


def _name(node: ast.Name, _: int) -> str:
    return node.id


def _constant(node: ast.Constant, _: int) -> str:
    value = node.value
    if node.kind is not None or value.__class__ not in (int, float, bool, str, bytes, type(None)):
        raise _Uncommon
    text = repr(value)
    if value.__class__ is float and text in ("inf", "nan"):
        raise _Uncommon
    return text


def _binary(node: ast.BinOp, around: int) -> str:
    operator, own = _BINARY[node.op.__class__]
    if own == _POWER:
        left, right = _expression(node.left, _AWAIT), _expression(node.right, _POWER)
    else:
        left, right = _expression(node.left, own), _expression(node.right, own + 1)
    text = f"{left} {operator} {right}"
    return f"({text})" if around > own else text


def _unary(node: ast.UnaryOp, around: int) -> str:
    operator, own = _UNARY[node.op.__class__]
    text = operator + _expression(node.operand, own)
    return f"({text})" if around > own else text


def _bool(node: ast.BoolOp, around: int) -> str:
    word, own = (" and ", _AND) if node.op.__class__ is ast.And else (" or ", _OR)
    # CPython asks each operand to bind one step tighter than the one before.
    parts: list[str] = []
    step = own
    for value in node.values:
        step = min(step + 1, _ATOM)
        parts.append(_expression(value, step))
    text = word.join(parts)
    # And it decides on brackets before it takes these steps.
    return f"({text})" if around > own else text


def _compare(node: ast.Compare, around: int) -> str:
    text = _expression(node.left, _BOR)
    for operator, value in zip(node.ops, node.comparators, strict=True):
        text += f" {_COMPARISONS[operator.__class__]} {_expression(value, _BOR)}"
    return f"({text})" if around > _CMP else text


def _call(node: ast.Call, _: int) -> str:
    arguments = [_expression(argument) for argument in node.args]
    for keyword in node.keywords:
        if keyword.arg is None:
            raise _Uncommon
        arguments.append(f"{keyword.arg}={_expression(keyword.value)}")
    return f"{_expression(node.func, _ATOM)}({', '.join(arguments)})"


def _attribute(node: ast.Attribute, _: int) -> str:
    value = _expression(node.value, _ATOM)
    if isinstance(node.value, ast.Constant) and isinstance(node.value.value, int):
        value += " "
    return f"{value}.{node.attr}"


def _items(nodes: list[ast.expr]) -> str:
    if len(nodes) == 1:
        return f"{_expression(nodes[0])},"
    return ", ".join([_expression(node) for node in nodes])


def _subscript(node: ast.Subscript, _: int) -> str:
    index = node.slice
    bare = isinstance(index, ast.Tuple) and index.elts
    inside = _items(index.elts) if bare else _expression(index)  # type: ignore[attr-defined]
    return f"{_expression(node.value, _ATOM)}[{inside}]"


def _slice(node: ast.Slice, _: int) -> str:
    text = (_expression(node.lower) if node.lower else "") + ":"
    if node.upper:
        text += _expression(node.upper)
    if node.step:
        text += f":{_expression(node.step)}"
    return text


def _tuple(node: ast.Tuple, around: int) -> str:
    text = _items(node.elts)
    return f"({text})" if not node.elts or around > _TUPLE else text


def _list(node: ast.List, _: int) -> str:
    return f"[{', '.join([_expression(item) for item in node.elts])}]"


def _condition(node: ast.IfExp, around: int) -> str:
    body, test = _expression(node.body, _OR), _expression(node.test, _OR)
    text = f"{body} if {test} else {_expression(node.orelse)}"
    return f"({text})" if around > _TEST else text


def _lambda(node: ast.Lambda, around: int) -> str:
    parameters = _parameters(node.args)
    text = f"lambda{' ' if parameters else ''}{parameters}: {_expression(node.body)}"
    return f"({text})" if around > _TEST else text


def _generators(node: ast.GeneratorExp | ast.ListComp | ast.SetComp) -> str:
    text = _expression(node.elt)
    for part in node.generators:
        if part.is_async:
            raise _Uncommon
        text += f" for {_expression(part.target, _TUPLE)} in {_expression(part.iter, _OR)}"
        for test in part.ifs:
            text += f" if {_expression(test, _OR)}"
    return text


_EXPRESSIONS: dict[type[ast.AST], Callable[[Any, int], str]] = {
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.BoolOp: _bool,
    ast.Call: _call,
    ast.Compare: _compare,
    ast.Constant: _constant,
    ast.GeneratorExp: lambda node, _: f"({_generators(node)})",
    ast.IfExp: _condition,
    ast.Lambda: _lambda,
    ast.List: _list,
    ast.ListComp: lambda node, _: f"[{_generators(node)}]",
    ast.Name: _name,
    ast.SetComp: lambda node, _: f"{{{_generators(node)}}}",
    ast.Slice: _slice,
    ast.Subscript: _subscript,
    ast.Tuple: _tuple,
    ast.UnaryOp: _unary,
}


def _parameters(node: ast.arguments) -> str:
    if node.posonlyargs or node.vararg or node.kwonlyargs or node.kwarg:
        raise _Uncommon
    if any(argument.annotation for argument in node.args):
        raise _Uncommon
    plain = len(node.args) - len(node.defaults)
    texts = [argument.arg for argument in node.args]
    for index, default in enumerate(node.defaults, plain):
        texts[index] += f"={_expression(default)}"
    return ", ".join(texts)


def _block(statements: list[ast.stmt], indent: str) -> list[str]:
    lines: list[str] = []
    for statement in statements:
        lines += _STATEMENTS[statement.__class__](statement, indent)
    return lines


def _function(node: ast.FunctionDef, indent: str) -> list[str]:
    first = node.body[0]
    text_first = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if node.decorator_list or node.returns or node.type_comment or text_first:
        raise _Uncommon
    if getattr(node, "type_params", None):
        raise _Uncommon
    header = f"{indent}def {node.name}({_parameters(node.args)}):"
    return [header, *_block(node.body, indent + "    ")]


def _assign(node: ast.Assign, indent: str) -> list[str]:
    targets = "".join([f"{_expression(target, _TUPLE)} = " for target in node.targets])
    return [f"{indent}{targets}{_expression(node.value)}"]


def _augmented(node: ast.AugAssign, indent: str) -> list[str]:
    operator = _BINARY[node.op.__class__][0]
    return [f"{indent}{_expression(node.target)} {operator}= {_expression(node.value)}"]


def _return(node: ast.Return, indent: str) -> list[str]:
    return [f"{indent}return {_expression(node.value)}" if node.value else f"{indent}return"]


def _if(node: ast.If, indent: str) -> list[str]:
    lines: list[str] = []
    word = "if"
    while True:
        lines.append(f"{indent}{word} {_expression(node.test)}:")
        lines += _block(node.body, indent + "    ")
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
            break
        node, word = node.orelse[0], "elif"
    return lines + _else(node.orelse, indent)


def _else(statements: list[ast.stmt], indent: str) -> list[str]:
    return [f"{indent}else:", *_block(statements, indent + "    ")] if statements else []


def _for(node: ast.For, indent: str) -> list[str]:
    header = f"{indent}for {_expression(node.target, _TUPLE)} in {_expression(node.iter)}:"
    return [header, *_block(node.body, indent + "    "), *_else(node.orelse, indent)]


def _while(node: ast.While, indent: str) -> list[str]:
    header = f"{indent}while {_expression(node.test)}:"
    return [header, *_block(node.body, indent + "    "), *_else(node.orelse, indent)]


_STATEMENTS: dict[type[ast.AST], Callable[[Any, str], list[str]]] = {
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.Break: lambda _, indent: [f"{indent}break"],
    ast.Continue: lambda _, indent: [f"{indent}continue"],
    ast.Expr: lambda node, indent: [indent + _expression(node.value, _YIELD)],
    ast.For: _for,
    # A definition inside a function has an empty line before it.
    ast.FunctionDef: lambda node, indent: ["", *_function(node, indent)],
    ast.If: _if,
    ast.Pass: lambda _, indent: [f"{indent}pass"],
    ast.Return: _return,
    ast.While: _while,
}
