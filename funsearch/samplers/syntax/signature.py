"""What a function's signature says: the kinds of its parameters and of what it returns."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from funsearch.samplers.syntax import forms
from funsearch.samplers.syntax.forms import Form, Sizes
from funsearch.samplers.syntax.kinds import Kind, of_annotation
from funsearch.samplers.syntax.tidy import literal
from funsearch.samplers.syntax.trees import walk
from problems.domains import Range

_MOST_VALUES = 16
"""Of a range; those of a longer one are drawn where it is written, but are no constants."""


@dataclass(frozen=True)
class Signature:
    """Kinds by position; what nothing is known of is OTHER.

    Attributes:
        parameters: kinds of the positional parameters.
        returns: kind of the returned value.
        constants: numbers that the annotations mention.
        form: how the returned value is made of literals of domains; None if it is not.
        literals: the kinds of those literals and of the lists of them, in order.
    """

    parameters: tuple[Kind, ...] = ()
    returns: Kind = Kind.OTHER
    constants: tuple[int | float, ...] = ()
    form: Form | None = None
    literals: tuple[Form, ...] = ()

    @classmethod
    def of_text(cls, text: str, sizes: Sizes | None = None) -> Signature:
        """Read `def name(parameter: annotation, ...) -> annotation`, with or without a body.

        Args:
            text: such a line.
            sizes: values of parameters that domains may refer to.

        Raises:
            ValueError: the text is no such line.
        """
        line = text.strip().rstrip(":")
        try:
            function = ast.parse(f"{line}: ...").body[0]
        except SyntaxError:
            function = None
        if not isinstance(function, ast.FunctionDef):
            raise ValueError(f"not the first line of a function: {text!r}")
        arguments = [*function.args.posonlyargs, *function.args.args]
        return cls._of([a.annotation for a in arguments], function.returns, sizes or {})

    @classmethod
    def _of(
        cls, parameters: list[ast.expr | None], returns: ast.expr | None, sizes: Sizes
    ) -> Signature:
        notes = [note for note in [*parameters, returns] if note is not None]
        numbers = [
            value
            for note in notes
            for part in walk(note)
            if isinstance(part, ast.expr) and (value := literal(part)) is not None
        ]
        for domain in (domain for note in notes for domain in forms.domains(note, sizes)):
            if isinstance(domain, Range) and len(domain.values) <= _MOST_VALUES:
                numbers += domain.values
        kinds = tuple(of_annotation(note) for note in parameters)
        constants = tuple(dict.fromkeys(numbers))
        form = forms.of_annotation(returns, sizes)
        return cls(kinds, of_annotation(returns), constants, form, forms.kinds(form))


_SEQUENCE_CALLS = frozenset({"len", "sum", "sorted", "enumerate", "zip", "set", "reversed"})


def guess(function: ast.FunctionDef, name: str) -> Kind:
    """Guess the kind of a parameter that has no annotation from what the body does with it."""
    for node in walk(function):
        match node:
            case ast.Subscript(value=ast.Name(id=used)) if used == name:
                return Kind.FLOATS
            case ast.For(iter=ast.Name(id=used)) | ast.comprehension(iter=ast.Name(id=used)) if (
                used == name
            ):
                return Kind.FLOATS
            case ast.Call(func=ast.Name(id=called), args=[ast.Name(id=used), *_]) if (
                used == name and called in _SEQUENCE_CALLS
            ):
                return Kind.FLOATS
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="np")), args=[ast.Name(id=used), *_]
            ) if used == name:
                return Kind.ARRAY
            case ast.Attribute(value=ast.Name(id=used)) if used == name:
                return Kind.ARRAY
            case _:
                pass
    return Kind.FLOAT


def parameters(signature: Signature, function: ast.FunctionDef) -> dict[str, Kind]:
    """Return a function's positional parameters with their kinds, guessed where not annotated."""
    arguments = [*function.args.posonlyargs, *function.args.args]
    kinds = dict[str, Kind]()
    for position, argument in enumerate(arguments):
        known = position < len(signature.parameters)
        kind = signature.parameters[position] if known else Kind.OTHER
        kinds[argument.arg] = guess(function, argument.arg) if kind is Kind.OTHER else kind
    return kinds
