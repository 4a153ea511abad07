"""Admission: which programs are worth running, as an allow-list over the syntax tree.

A quality filter and not the boundary: it spares evaluations, and its reasons tell a language model
what to write instead. Filters of this kind fall to whoever means to pass them, so everything that
is promised of candidates must hold with it off.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterator, Mapping, Sequence

from evaluators.parser import Refused, parse
from evaluators.program import Program, walk
from evaluators.vocabulary import IMPORTABLE

MAX_NODES = 4_000
"""Most nodes of a program's syntax tree, operators and contexts not counted."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BUILTINS = _words(
    "abs all any ascii bin bool bytearray bytes callable chr complex dict divmod enumerate filter "
    "float format frozenset hex int isinstance issubclass iter len list map max min next oct ord "
    "pow range repr reversed round set slice sorted str sum tuple zip "
    "Ellipsis ArithmeticError AssertionError Exception IndexError KeyError NotImplementedError "
    "OverflowError RuntimeError StopIteration TypeError ValueError ZeroDivisionError"
)
"""The functions and exceptions of Python that a program may use."""
_WITHHELD = frozenset(name for name in vars(builtins) if name[:2] != "__") - BUILTINS

_PLAIN = frozenset(
    {
        *(ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Pass, ast.Delete),
        *(ast.For, ast.While, ast.If, ast.Break, ast.Continue, ast.Assert, ast.Raise),
        *(ast.BoolOp, ast.BinOp, ast.UnaryOp, ast.Compare, ast.NamedExpr, ast.IfExp, ast.Lambda),
        *(ast.Constant, ast.JoinedStr, ast.FormattedValue, ast.Subscript, ast.Slice, ast.Starred),
        *(ast.List, ast.Tuple, ast.Set, ast.Dict, ast.arguments),
        *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
        *(ast.Match, ast.match_case, ast.MatchValue, ast.MatchSingleton, ast.MatchSequence),
        ast.MatchOr,
        *(ast.withitem, ast.ExceptHandler),  # what they belong to is refused
    }
)
"""Kinds of node that are admitted as they are."""

_ADVICE: Mapping[type[ast.AST], str] = {
    ast.Try: "try is not allowed; write the plain computation",
    ast.TryStar: "try is not allowed; write the plain computation",
    ast.With: "with is not allowed; write the plain computation",
    ast.ClassDef: "class is not allowed; use tuples, lists and dicts",
    ast.Global: "global is not allowed; nothing outlives a call",
    ast.Nonlocal: "nonlocal is not allowed; return the value, or change an entry of a list",
    ast.Yield: "yield is not allowed; return a list",
    ast.YieldFrom: "yield is not allowed; return a list",
    ast.AsyncFunctionDef: "async is not allowed; write a plain function",
    ast.AsyncFor: "async is not allowed; write a plain loop",
    ast.AsyncWith: "async is not allowed; write the plain computation",
    ast.Await: "await is not allowed; write the plain computation",
    ast.MatchMapping: "match on a dict is not allowed; use if and elif",
    ast.MatchClass: "match on a class is not allowed; use if and elif",
}

_FILES = _words(
    "load loads loadtxt save savez savez_compressed savetxt genfromtxt fromfile fromregex tofile "
    "memmap open_memmap DataSource dump dumps"
)
_INNARDS = _words(
    # Ways from what a program has to what it has not: memory, frames, modules of modules.
    "ctypes ctypeslib as_strided stride_tricks f2py testing distutils core lib attrgetter "
    "methodcaller get_type_hints gi_frame gi_code gi_yieldfrom cr_frame ag_frame tb_frame tb_next "
    "f_back f_globals f_locals f_builtins f_code mro sys os io builtins bltns inspect types "
    "importlib weakref warnings subprocess threading socket pickle"
)
_SEEDABLE = _words("default_rng RandomState Random SeedSequence")


def check(program: Program) -> None:
    """Return if the program is worth running.

    Raises:
        Refused: it is not; the message names the line of the program's source that comes first
            of those at fault, and says what to write instead.
    """
    for number, line in enumerate(program.source.split("\n"), 1):
        if not line.isprintable():
            raise _refusal(number, "control and invisible characters are not allowed")
    body = parse(program.source).body
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        raise _refusal(1, "the program must be one function and nothing else")
    function = body[0]
    nodes = list(walk(function))
    if len(nodes) > MAX_NODES:
        raise _refusal(
            1, f"the function has {len(nodes)} nodes, at most {MAX_NODES} are allowed; be shorter"
        )
    faults = [*_faults_of_header(function), *_faults(nodes)]
    if faults:
        raise _refusal(*min(faults))


def _refusal(line: int, reason: str) -> Refused:
    return Refused(f"line {line}: {reason}", line)


_Fault = tuple[int, str]
"""Line and reason."""


def _faults_of_header(function: ast.FunctionDef) -> Iterator[_Fault]:
    defaults = [*function.args.defaults, *filter(None, function.args.kw_defaults)]
    for default in defaults:
        if any(
            not isinstance(part, (ast.Constant, ast.Tuple, ast.UnaryOp, ast.BinOp))
            for part in walk(default)
        ):
            yield default.lineno, "a default must be a constant, since nothing outlives a call"


def _faults(nodes: Sequence[ast.AST]) -> Iterator[_Fault]:
    own: set[str] | None = None
    for node in nodes:
        kind = node.__class__
        if kind in _PLAIN:
            continue
        if kind is ast.Name and node.id in _WITHHELD:  # type: ignore[attr-defined]
            # A variable of its own may be called `id`; few programs need this looked up.
            own = _bound(nodes) if own is None else own
            if node.id in own:  # type: ignore[attr-defined]
                continue
        rule = _RULES.get(kind)
        if rule is not None:
            yield from rule(node)
        else:
            line = getattr(node, "lineno", 1)
            yield line, _ADVICE.get(kind, f"{kind.__name__} is not allowed; use plainer Python")


def _bound(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the names that the program gives a meaning of its own, in whatever scope."""
    names: set[str] = set()
    for node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.arg(arg=name) | ast.FunctionDef(name=name):
                names.add(name)
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                names.add(name)
            case ast.alias(name=imported, asname=asname):
                names.add(asname or imported.partition(".")[0])
            case _:
                pass
    return names


def _name(node: ast.Name) -> Iterator[_Fault]:
    yield from _hidden(node.lineno, node.id)
    if node.id in _WITHHELD:
        yield node.lineno, _reason_for(node.id)


def _reason_for(builtin: str) -> str:
    match builtin:
        case "id" | "hash":
            return f"{builtin} is not available: it differs from run to run; use the values"
        case "print":
            return "print is not available; only what is returned counts"
        case "getattr" | "setattr" | "hasattr" | "delattr" | "vars" | "dir":
            return f"{builtin} is not available; write plain names and attributes"
        case "type":
            return "type is not available; use isinstance"
        case _:
            return f"{builtin} is not available here; use only the arguments"


def _hidden(line: int, name: str | None) -> Iterator[_Fault]:
    if name is not None and name.startswith("__"):
        yield line, "names that begin with __ are not allowed"


def _attribute(node: ast.Attribute) -> Iterator[_Fault]:
    if node.attr.startswith("_"):
        yield node.lineno, "attributes that begin with _ are not allowed"
    elif not isinstance(node.ctx, ast.Load):
        yield node.lineno, "attributes cannot be changed; use a variable"
    else:
        yield from _member(node.lineno, node.attr)


def _member(line: int, name: str) -> Iterator[_Fault]:
    """Yield what is wrong with using a member of a module or an object."""
    if name in _FILES:
        yield line, f"{name} is not available: there are no files; use only the arguments"
    elif name in _INNARDS:
        yield line, f"{name} is not available here; use only the arguments"
    elif name in ("format", "format_map"):
        yield line, f"{name} of a string is not allowed; write an f-string"
    elif name == "SystemRandom":
        yield line, "SystemRandom differs from run to run; use random.Random with a seed"


def _call(node: ast.Call) -> Iterator[_Fault]:
    function = node.func
    name = getattr(function, "attr", getattr(function, "id", ""))
    if name in _SEEDABLE and not node.args and not node.keywords:
        yield node.lineno, f"{name} without a seed differs from run to run; give it a number"


def _function(node: ast.FunctionDef) -> Iterator[_Fault]:
    yield from _hidden(node.lineno, node.name)
    for decorator in node.decorator_list:
        match decorator.func if isinstance(decorator, ast.Call) else decorator:
            case ast.Name(id="cache" | "lru_cache"):
                pass
            case ast.Attribute(value=ast.Name(id="functools"), attr="cache" | "lru_cache"):
                pass
            case _:
                yield decorator.lineno, "decorators other than functools.cache are not allowed"


def _import(node: ast.Import) -> Iterator[_Fault]:
    for alias in node.names:
        yield from _module(node.lineno, alias.name)


def _import_from(node: ast.ImportFrom) -> Iterator[_Fault]:
    yield from _module(node.lineno, "" if node.level else node.module or "")
    for alias in node.names:
        if alias.name == "*":
            yield node.lineno, "import * is not allowed; name what is needed"
        if alias.name.startswith("_"):
            yield node.lineno, "attributes that begin with _ are not allowed"
        yield from _member(node.lineno, alias.name)


def _module(line: int, name: str) -> Iterator[_Fault]:
    if name not in IMPORTABLE:
        names = ", ".join(sorted(IMPORTABLE))
        yield line, f"{name[:40] or 'a package'} cannot be imported; there are {names}"


def _comprehension(node: ast.comprehension) -> Iterator[_Fault]:
    if node.is_async:
        yield node.target.lineno, "async is not allowed; write a plain loop"


_RULES: Mapping[type[ast.AST], Callable[..., Iterator[_Fault]]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.FunctionDef: _function,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.comprehension: _comprehension,
    ast.arg: lambda node: _hidden(node.lineno, node.arg),
    ast.keyword: lambda node: _hidden(node.lineno, node.arg),
    ast.alias: lambda node: _hidden(node.lineno, node.asname),
    ast.MatchAs: lambda node: _hidden(node.lineno, node.name),
    ast.MatchStar: lambda node: _hidden(node.lineno, node.name),
}
"""Kinds of node that are admitted unless the rule finds a fault."""
