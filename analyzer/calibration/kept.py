"""Keeps the last calibration of each engine, and shows its assessments by it."""

from __future__ import annotations

import logging

from pydantic import ValidationError

from analyzer.calibration.figures import Calibration
from core.assessment import Assessment, EngineName
from storage.repositories.metadata import Metadata

log = logging.getLogger(__name__)


async def keep_calibration(metadata: Metadata, engine: EngineName, found: Calibration) -> None:
    """Keep a calibration in place of the engine's last one."""
    await metadata.set(_key(engine), found.model_dump_json())


async def with_ranges(metadata: Metadata, assessment: Assessment) -> Assessment:
    """An assessment with the ranges its engine's calibration found; as it is without one."""
    kept = await metadata.get(_key(assessment.engine))
    if kept is None:
        return assessment
    try:
        return Calibration.model_validate_json(kept).applied_to(assessment)
    except ValidationError:  # kept by another version of ours
        log.warning("the calibration of %s can't be read: run calibrate again", assessment.engine)
        return assessment


def _key(engine: EngineName) -> str:
    return f"calibration:{engine}"
