"""All ways in which a folder is spoilt, and how often each is taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from benchmarks.tamper import blind, forgeries
from benchmarks.tamper.sound import Sound

Edit = Callable[[Path, Random, Sound], "str | None"]
"""Spoils a folder; returns the file that was spoilt, or None if this could not be done."""


EDITS: tuple[tuple[int, Edit], ...] = (
    (8, blind.change_bytes),
    (6, blind.flip_bit),
    (8, blind.cut_off),
    (6, blind.delete_bytes),
    (6, blind.insert_bytes),
    (4, blind.exchange_ranges),
    (4, blind.exchange_lines),
    (3, blind.remove_file),
    (4, blind.exchange_files),
    (5, blind.roll_back_file),
    (2, blind.add_older_tile),
    (7, forgeries.forge_record),
    (5, forgeries.reorder_records),
    (4, forgeries.remove_record),
    (3, forgeries.double_record),
    (2, forgeries.drop_last_records),
    (3, forgeries.forge_signature),
    (3, forgeries.replace_key),
    (3, forgeries.edit_checkpoints),
    (2, forgeries.show_older_checkpoint),
    (2, forgeries.edit_config),
    (2, forgeries.edit_best),
    (8, forgeries.in_objects),
    (8, forgeries.in_index),
)
"""How often each, in relation to the others."""
