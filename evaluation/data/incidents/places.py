"""Polygons with names, and which of them holds a point."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from evaluation.data.incidents.files import inside, sha256_of
from evaluation.data.incidents.recipe import Recipe
from evaluation.data.labels import tidy
from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError, EnvironmentFault, Fault
from evaluation.files import content_of, opened

LARGEST: Final = 512 * 1024**2
ENDINGS: Final = (".geojson", ".json", ".shp")
_GEOGRAPHIC: Final = ("CRS84", "EPSG::4326", "EPSG:4326")


@dataclass(frozen=True, slots=True)
class Places:
    """Polygons in degrees of longitude and latitude.

    Parameters
    ----------
    names : (P,) of units, sorted; a unit of several polygons is in one of them at least.
    shapes : polygons in the order of the names. unit : (S,) index in `names` of each.
    sha256 : of each file they come from, by name.
    """

    names: tuple[str, ...]
    shapes: tuple[Any, ...]
    unit: np.ndarray
    tree: Any
    sha256: Mapping[str, str]

    def holding(self, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
        """(n,) index of the unit that holds each point, -1 where none does.

        An edge belongs to its polygon. A point on the edge of two, or in two that overlap, is in
        the unit whose name sorts first.
        """
        import shapely

        found = np.full(longitude.size, len(self.names), dtype=np.int64)
        good = np.flatnonzero(np.isfinite(longitude) & np.isfinite(latitude))
        points = shapely.points(longitude[good], latitude[good])
        # Bounding boxes by the tree; then each polygon, prepared, is asked about all its points.
        which, shape = self.tree.query(points)
        order = np.argsort(shape, kind="stable")
        which, shape = good[which[order]], shape[order]
        ends = np.searchsorted(shape, np.arange(len(self.shapes) + 1))
        for number, polygon in enumerate(self.shapes):
            asked = which[ends[number] : ends[number + 1]]
            if asked.size:
                hit = asked[shapely.intersects_xy(polygon, longitude[asked], latitude[asked])]
                found[hit] = np.minimum(found[hit], self.unit[number])
        return np.where(found == len(self.names), -1, found)


def read_places(recipe: Recipe, given: Path | None = None) -> Places:
    """The polygons that a recipe names, or those of a file that the user names.

    Raises
    ------
    DataError : when the file cannot be read, a polygon is not valid or has no name, or the
        coordinates are not longitude and latitude. EnvironmentFault : without shapely or pyshp.
    """
    try:
        import shapely
    except ImportError:
        raise EnvironmentFault(_needs("shapely")) from None
    table = recipe.table.units
    written = table.polygons or ""
    path = given or inside(recipe, written, ("units", "polygons"))
    shown = path.name if given else written
    _refuse_file(path, shown)
    read = _shapefile if path.suffix.lower() == ".shp" else _geojson
    pairs, hashes = read(path, shown)
    parts: list[tuple[str, Any]] = []
    for number, (properties, geometry) in enumerate(pairs, start=1):
        name = _name(properties, table.name or "", f"{shown}: feature {number}")
        parts.append((name, _polygon(geometry, f"{shown}: feature {number} ({name!r})")))
    if not parts:
        raise DataError(Fault(shown, None, None, "holds no polygon."))
    parts.sort(key=lambda part: (part[0], part[1].wkb))
    names = tuple(sorted({name for name, _ in parts}))
    index = {name: number for number, name in enumerate(names)}
    shapes = tuple(shape for _, shape in parts)
    tree = shapely.STRtree(shapes)
    for shape in shapes:
        shapely.prepare(shape)
    unit = np.array([index[name] for name, _ in parts])
    return Places(names, shapes, unit, tree, hashes)


def _needs(package: str) -> str:
    return (
        f"points in polygons need the package {package}, which is not here. Install it: "
        "pip install 'ceasefire-evaluation[geo]'"
    )


def _refuse_file(path: Path, shown: str) -> None:
    if path.suffix.lower() not in ENDINGS:
        why = "is neither GeoJSON (.geojson) nor a shapefile (.shp)."
    elif not path.is_file():
        near = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        why = f"no such file.{did_you_mean(path.name, sorted(near)[:50])}"
    elif path.stat().st_size > LARGEST:
        why = "is larger than 512 MiB. Simplify the polygons."
    else:
        return
    raise DataError(Fault(shown, None, None, why))


def _name(properties: Mapping[str, Any], key: str, where: str) -> str:
    if key not in properties:
        known = did_you_mean(key, [str(name) for name in properties][:40])
        raise DataError(f"{where}: has no property {key!r} (units.name).{known}")
    value = properties[key]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    written = "" if value is None else str(value).strip()
    name = tidy(written)
    if not name or any(ord(char) < 32 for char in written):
        raise DataError(f"{where}: {key} is {value!r}. A unit needs a name.")
    return name


def _polygon(geometry: Mapping[str, Any] | None, where: str) -> Any:
    import shapely
    from shapely.geometry import shape

    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if geometry is None or kind not in ("Polygon", "MultiPolygon"):
        raise DataError(f"{where}: is {kind or 'nothing'}, not a Polygon or MultiPolygon.")
    try:
        found = shape(geometry)
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        shapely.errors.ShapelyError,
    ):
        raise DataError(f"{where}: its coordinates are not a polygon.") from None
    if found.is_empty:
        raise DataError(f"{where}: is empty. Remove it.")
    if not shapely.is_valid(found):
        why = shapely.is_valid_reason(found)
        raise DataError(f"{where}: is not valid ({why}). Mend it with a map program.")
    low_x, low_y, high_x, high_y = found.bounds
    if not (low_x >= -180 and high_x <= 180 and low_y >= -90 and high_y <= 90):
        raise DataError(
            f"{where}: coordinates such as {low_x:g}, {low_y:g} are not degrees of longitude and "
            "latitude. Save the polygons in WGS 84 (EPSG:4326)."
        )
    return shapely.force_2d(found)


_Features = Iterator[tuple[Mapping[str, Any], Mapping[str, Any] | None]]


def _geojson(path: Path, shown: str) -> tuple[_Features, dict[str, str]]:
    content = content_of(path, shown, most=LARGEST)
    try:
        read = json.loads(content)
    except RecursionError:
        raise DataError(Fault(shown, None, None, "nested too deeply to be read")) from None
    except json.JSONDecodeError as fault:
        message = f"not valid JSON: {fault.msg}"
        raise DataError(Fault(shown, fault.lineno, fault.colno, message)) from None
    except UnicodeDecodeError:
        raise DataError(Fault(shown, None, None, "is not UTF-8 text; save it as UTF-8")) from None
    features = read.get("features") if isinstance(read, dict) else None
    if not isinstance(features, list) or read.get("type") != "FeatureCollection":
        raise DataError(Fault(shown, None, None, "is no FeatureCollection of GeoJSON."))
    crs = read.get("crs")
    if crs is not None and not any(known in json.dumps(crs) for known in _GEOGRAPHIC):
        message = "its `crs` is not WGS 84. Save the polygons in longitude and latitude."
        raise DataError(Fault(shown, None, None, message))
    return _of_features(features), {shown: hashlib.sha256(content).hexdigest()}


def _of_features(features: list[Any]) -> _Features:
    for feature in features:
        whole = feature if isinstance(feature, dict) else {}
        properties = whole.get("properties")
        yield (properties if isinstance(properties, dict) else {}), whole.get("geometry")


def _shapefile(path: Path, shown: str) -> tuple[_Features, dict[str, str]]:
    try:
        import shapefile
    except ImportError:
        raise EnvironmentFault(_needs("pyshp")) from None
    hashes = {}
    for ending in (".shp", ".dbf", ".prj"):
        part = path.with_suffix(ending)
        if part.is_file() and part.stat().st_size <= LARGEST:
            hashes[f"{shown[:-4]}{ending}"] = sha256_of(part)
        elif ending != ".prj":
            message = f"needs {part.name} beside it, of at most 512 MiB."
            raise DataError(Fault(shown, None, None, message))
    prj = path.with_suffix(".prj")
    if prj.is_file() and b"PROJCS" in content_of(prj, prj.name).upper():
        message = f"{prj.name} is a projection. Save the polygons in longitude and latitude."
        raise DataError(Fault(shown, None, None, message))
    found = []
    try:
        # The parts are named one by one, so that nothing else beside them is opened.
        with (
            opened(path, shown, most=LARGEST) as shapes,
            opened(path.with_suffix(".dbf"), shown, most=LARGEST) as rows,
            shapefile.Reader(shp=shapes, dbf=rows) as reader,
        ):
            for record in reader.iterShapeRecords():
                found.append((record.record.as_dict(), record.shape.__geo_interface__))
    except Exception as fault:  # pyshp raises whatever struct, codecs and it itself meet
        message = f"cannot be read as a shapefile ({type(fault).__name__}: {fault})."
        raise DataError(Fault(shown, None, None, message)) from None
    return iter(found), hashes
