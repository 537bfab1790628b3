"""Points in polygons beside a brute-force twin, and files of polygons that are refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evaluation.data.incidents.build import build_panel
from evaluation.data.incidents.places import read_places
from evaluation.data.incidents.recipe import read_recipe
from evaluation.data.read import read_panel
from evaluation.errors import DataError, EvaluationError

pytest.importorskip("shapely")

Project = Callable[..., Path]

PLACED = """longitude = "longitude"
latitude = "latitude"
polygons = "beats.geojson"
name = "name"
label = "beat"
"""


def square(name: Any, x: float, y: float, size: float = 1.0) -> dict[str, Any]:
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    return {
        "type": "Feature",
        "properties": {"name": name},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def collection(*features: dict[str, Any], **more: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more})


@pytest.fixture
def placed(project: Project, recipe: str) -> Callable[..., Path]:
    def written(polygons: str, which: str = '"all"', **given: Any) -> Path:
        text = recipe.replace('column = "beat"\n', PLACED).replace('"found"', which)
        path = project(text, **given)
        (path.parent / "beats.geojson").write_text(polygons, encoding="utf-8")
        return path

    return written


def test_points_are_where_a_brute_force_search_finds_them(placed: Callable[..., Path]) -> None:
    """Every polygon is asked about every point, without a tree."""
    import shapely
    from shapely.geometry import shape

    draw = np.random.default_rng(3)
    features = [
        # A triangle around each corner of a grid: they overlap, and share corners.
        {
            "type": "Feature",
            "properties": {"name": f"{k % 17:02d}"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[x, y], [x + 2, y], [x, y + 2], [x, y]]],
            },
        }
        for k, (x, y) in enumerate((x, y) for x in range(6) for y in range(6))
    ]
    recipe = read_recipe(placed(collection(*features)), "panel.toml")
    places = read_places(recipe)
    # Many lie on corners and edges: halves of whole numbers.
    x, y = draw.integers(-2, 18, (2, 1_500)) / 2
    x[:300] += draw.random(300)
    found = places.holding(x, y)
    shapes = [(f["properties"]["name"], shape(f["geometry"])) for f in features]
    for a, b, index in zip(x, y, found, strict=True):
        names = [n for n, polygon in shapes if shapely.intersects(polygon, shapely.Point(a, b))]
        assert (places.names[index] if index >= 0 else None) == min(names, default=None), (a, b)
    assert (found == -1).any()
    assert places.holding(np.array([np.nan]), np.array([0.0])).tolist() == [-1]


def test_edges_belong_to_a_unit_and_every_polygon_is_filled(placed: Callable[..., Path]) -> None:
    polygons = collection(square("B", 1, 0), square("A", 0, 0), square(3.0, 5, 5))
    rows = ("1,1,0.5", "2,0,0", "3,1.5,0.5", "4,2.0,1", "5,9,9", "6,,", "7,1.5,")
    lines = [f"{r.split(',')[0]},2012-01-05,2012-01-06,HOMICIDE,{r.split(',', 1)[1]}" for r in rows]
    path = placed(polygons, lines=("case,when,told,offense,longitude,latitude", *lines))
    built = build_panel(path)
    assert (built.dropped["unknown_unit"], built.dropped["no_unit"]) == (1, 2)
    found = read_panel(path.with_name("panel.csv"))
    assert found.units == ("3", "A", "B")
    # (1, 0.5) is on the edge of A and B and counts for A.
    assert found.values["homicides"].tolist() == [[0, 0, 0], [2, 0, 0], [2, 0, 0]]


@pytest.mark.parametrize("value", ["200", "north", "1e999"])
def test_coordinates_that_are_none_are_named(
    placed: Callable[..., Path], refused: Callable[..., EvaluationError], value: str
) -> None:
    lines = ("case,when,told,offense,longitude,latitude",)
    lines += (f"1,2012-01-05,2012-01-06,HOMICIDE,0,{value}",)
    fault = refused(placed(collection(square("A", 0, 0)), lines=lines))
    assert str(fault).startswith("raw/a.csv:2:36: latitude"), fault


def test_exchanged_coordinates_are_suspected(
    placed: Callable[..., Path], refused: Callable[..., EvaluationError]
) -> None:
    assert "exchanged" in str(refused(placed(collection(square("A", 40, 80)))))


def test_some_polygons_may_be_chosen(placed: Callable[..., Path]) -> None:
    path = placed(collection(square("A", 0, 0), square("B", 1, 0)), '["B"]')
    assert build_panel(path).dropped["unknown_unit"] == 1
    assert read_panel(path.with_name("panel.csv")).units == ("B",)


bow = square("A", 0, 0)
bow["geometry"]["coordinates"] = [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]
point = {"type": "Feature", "properties": {"name": "A"}, "geometry": {"type": "Point"}}
bent = square("A", 0, 0)
bent["geometry"]["coordinates"] = [["x"]]


@pytest.mark.parametrize(
    ("polygons", "says"),
    [
        ("{", "beats.geojson:1:2: not valid JSON"),
        ("[]", "no FeatureCollection"),
        ("[" * 200_000, "nested too deeply"),
        (collection(), "holds no polygon"),
        (collection(bow), "feature 1 ('A'): is not valid (Self-intersection"),
        (collection(point), "is Point, not a Polygon"),
        (collection(bent), "coordinates are not a polygon"),
        (collection(square("", 0, 0)), "A unit needs a name"),
        (collection(square("a\nb", 0, 0)), "A unit needs a name"),
        (collection(square("A", 500_000, 4_000_000)), "not degrees"),
        (collection({**square("A", 0, 0), "properties": {"nam": 1}}), "Did you mean 'nam'?"),
        (collection(square("A", 0, 0), crs={"name": "EPSG:2227"}), "is not WGS 84"),
    ],
)
def test_polygons_are_refused(
    placed: Callable[..., Path],
    refused: Callable[..., EvaluationError],
    polygons: str,
    says: str,
) -> None:
    assert says in str(refused(placed(polygons)))


def test_polygons_outside_the_folder_are_refused(
    placed: Callable[..., Path], refused: Callable[..., EvaluationError]
) -> None:
    path = placed(collection(square("A", 0, 0)))
    text = path.read_text(encoding="utf-8").replace("beats.geojson", "../beats.geojson")
    path.write_text(text, encoding="utf-8")
    assert "panel.toml:20:1: units.polygons: '../beats.geojson' leads out" in str(refused(path))


def test_shapefile_means_what_geojson_means(placed: Callable[..., Path]) -> None:
    shapefile = pytest.importorskip("shapefile")
    squares = (square("A", 0, 0), square("B", 1, 0))
    path = placed(collection(*squares))
    build_panel(path)
    expected = path.with_name("panel.csv").read_bytes()
    with shapefile.Writer(str(path.parent / "beats.shp")) as writer:
        writer.field("name", "C", 10)
        for one in squares:
            # A shapefile turns its outer rings clockwise.
            writer.poly([one["geometry"]["coordinates"][0][::-1]])
            writer.record(one["properties"]["name"])
    text = path.read_text(encoding="utf-8").replace("beats.geojson", "beats.shp")
    path.write_text(text, encoding="utf-8")
    build_panel(path)
    assert path.with_name("panel.csv").read_bytes() == expected
    (path.parent / "beats.prj").write_text('PROJCS["California"]', encoding="ascii")
    with pytest.raises(DataError, match="is a projection"):
        build_panel(path)
    (path.parent / "beats.prj").unlink()
    (path.parent / "beats.shp").write_bytes(b"\0" * 200)
    with pytest.raises(DataError, match="cannot be read as a shapefile"):
        build_panel(path)


@pytest.mark.parametrize("other", ["NORTH", "Ｎorth", "North ", "No\u200brth"])
def test_polygons_of_one_name_in_two_spellings_are_told(
    placed: Callable[..., Path], other: str
) -> None:
    built = build_panel(placed(collection(square("North", 0, 0), square(other, 1, 0))))
    assert built.units == 1
    told = [note for note in built.notes if "are one unit" in note]
    # Blanks and what nobody sees are no other spelling worth a word.
    assert len(told) == (other in ("NORTH", "Ｎorth"))
    assert all("'North' and " in note or " and 'North'" in note for note in told)
