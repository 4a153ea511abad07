"""Pictures of certificates: one module a kind of object, chosen by the name of the problem.

They live apart from the problems, whose digests they would change, and judge nothing: a certificate
is anybody's, so what does not have the shape or the numbers that a picture needs gets none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from markupsafe import Markup

from evaluators.certificate import CertificateFile
from evaluators.verdict import Certificate
from funsearch.browser.pictures.certificates import bins, networks, packings, schedules, sets
from funsearch.browser.pictures.certificates.drawing import Array, Data, Unsuited

Draw = Callable[[Data, Array], Markup]

PICTURES: Mapping[str, Draw] = {
    "cap_set": sets.vectors,
    "circle_packing": packings.circles,
    "corners": sets.vertices,
    "difference_basis": sets.marks,
    "diffusion_schedule": schedules.shares,
    "golay_merit": sets.signs,
    "no_isosceles": sets.points,
    "online_bin_packing": bins.packing,
    "sorting_network": networks.comparators,
    "symmetric_cap_set": sets.vectors,
}
"""Name of a problem → what draws its certificates, from an instance's data and the array."""

MOST_ELEMENTS = 200_000
"""Of a certificate that is drawn; no problem above has more."""


def draw(file: CertificateFile) -> Markup | None:
    """Return the picture of a certificate, or None if there is none.

    Args:
        file: of the certificate, from anywhere.
    """
    found = PICTURES.get(file.problem)
    if found is None:
        return None
    try:
        return found(file.instance.data, _array(file.certificate))
    except Unsuited:
        return None


def _array(certificate: Certificate) -> Array:
    kind = np.dtype(certificate.dtype)
    if len(certificate.data) > MOST_ELEMENTS * kind.itemsize:
        raise Unsuited
    values = np.frombuffer(certificate.data, kind.newbyteorder("<")).reshape(certificate.shape)
    if not np.isfinite(values).all():
        raise Unsuited
    return values
