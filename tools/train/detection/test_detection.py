"""Scenes, loader, views, targets, losses and the reference decoder."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import decode as reference
from data import load_pictures, on_canvas
from losses import detection_loss, flatten, focal, giou
from network import ARCHITECTURES, Detector, layer, normalize  # also finds adder_tools
from scenes import CLASSES, make_scenes, resize, visible_box
from targets import Locations, assign
from transforms import Views, view

from adder_tools import Detection

GOLDEN = Path(__file__).resolve().parents[3] / "golden/images"
CELLS, SCENES = ARCHITECTURES["cells"], ARCHITECTURES["scenes"]


def items():
    return (np.load(GOLDEN / "fashion-test-1000-images.npy")[:, 0],
            np.load(GOLDEN / "fashion-test-1000-labels.npy"))


# Scenes


def test_the_bundled_scenes_are_what_scenes_py_makes():
    scenes, annotations = make_scenes(100, 2021, *items())
    assert np.array_equal(scenes, np.load(GOLDEN / "scenes-100.npy"))
    assert annotations == json.loads((GOLDEN / "scenes-100.json").read_text())


def test_the_first_scenes_do_not_depend_on_how_many_there_are():
    few, many = make_scenes(2, 5, *items()), make_scenes(4, 5, *items())
    assert np.array_equal(few[0], many[0][:2])
    assert few[1]["annotations"] == many[1]["annotations"][:len(few[1]["annotations"])]


def test_items_are_where_the_boxes_say():
    black = np.zeros((1, 28, 28), np.uint8)
    black[0, 5:20, 8:24] = 255
    scenes, annotations = make_scenes(20, 3, black, np.array([4]))
    assert len(annotations["annotations"]) > 20
    for annotation in annotations["annotations"]:
        left, top, width, height = annotation["bbox"]
        item = scenes[annotation["image_id"], 0, top:top + height, left:left + width]
        assert annotation["category_id"] == 5 and CLASSES[4] == "Coat"
        assert np.median(item) > 140  # a brightness from 150 with noise, but where another item lies
        assert abs(width / height - 16 / 15) < 0.2


def test_resizing_is_bilinear_in_integers():
    ramp = np.arange(0, 250, 10, dtype=np.uint8)[None].repeat(4, 0)
    assert np.array_equal(resize(ramp, 4, 25), ramp)
    twice = resize(ramp, 4, 50)[0].astype(int)
    expected = ((np.arange(50) + 0.5) / 2 - 0.5).clip(0, 24) * 10
    assert np.abs(twice - expected).max() <= 0.5
    assert visible_box(np.pad(np.full((2, 3), 24), ((1, 4), (2, 1)))) == (2, 1, 5, 3)


# Loader


def coco(folder, size, boxes, names=CELLS.classes):
    content = {
        "images": [{"id": 7, "file_name": "a.png", "width": size[1], "height": size[0]}],
        "categories": [{"id": 3 + index, "name": name} for index, name in enumerate(names)],
        "annotations": [
            {"id": 1 + index, "image_id": 7, "category_id": category, "bbox": box, "iscrowd": 0}
            for index, (category, box) in enumerate(boxes)]}
    path = folder / "annotations.json"
    path.write_text(json.dumps(content))
    return path


def test_pictures_are_averaged_to_the_canvas_with_their_boxes(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    path = coco(tmp_path, (480, 640), [(5, [40, 80, 20, 10])])
    pictures = load_pictures(path, tmp_path, CELLS)
    assert pictures.extents == (120, 160) and pictures.categories == [3, 4, 5]
    mean = pixels.reshape(120, 4, 160, 4, 3).mean((1, 3)).transpose(2, 0, 1)
    assert np.abs(pictures.pixels[0].numpy() - mean).max() <= 1
    assert pictures.boxes[0].tolist() == [[10, 20, 15, 22.5]] and pictures.labels[0].tolist() == [2]
    canvas = on_canvas(pictures, CELLS)
    assert canvas.shape == (1, 3, 128, 160)
    assert torch.equal(canvas[:, :, :120], pictures.pixels)
    assert normalize(canvas[:, :, 120:], CELLS).abs().max() < 1e-6
    assert load_pictures(path, tmp_path, CELLS, factor=2).pixels.shape == (1, 3, 240, 320)


def test_an_npy_file_has_the_images_in_the_order_of_the_annotations():
    pictures = load_pictures(GOLDEN / "scenes-100.json", GOLDEN / "scenes-100.npy", SCENES)
    assert pictures.pixels.shape == (100, 1, 96, 128) and pictures.extents == (96, 128)
    content = json.loads((GOLDEN / "scenes-100.json").read_text())
    assert sum(map(len, pictures.boxes)) == len(content["annotations"])
    last = content["annotations"][-1]
    left, top, width, height = last["bbox"]
    assert pictures.boxes[last["image_id"]][-1].tolist() == [left, top, left + width, top + height]


def test_what_does_not_belong_together_is_named(tmp_path):
    path = coco(tmp_path, (96, 128), [])
    with pytest.raises(ValueError, match="classes .*'RBC'.*expected .*'Ankle boot'"):
        load_pictures(path, tmp_path, SCENES)
    path = coco(tmp_path, (96, 128), [], SCENES.classes)
    np.save(tmp_path / "two.npy", np.zeros((2, 1, 96, 128), np.uint8))
    with pytest.raises(ValueError, match=r"expected uint8 \[1, 1, 96, 128\]"):
        load_pictures(path, tmp_path / "two.npy", SCENES)


# Views


@pytest.mark.parametrize("turns", [False, True])
def test_boxes_follow_the_pixels_of_a_view(tmp_path, turns):
    pixels = np.full((480, 640, 3), CELLS.fill, np.uint8)
    pixels[200:280, 240:360] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    path = coco(tmp_path, (480, 640), [(4, [240, 200, 120, 80])])
    pictures = load_pictures(path, tmp_path, CELLS, factor=2)
    views = Views(turns=turns, contrast=0.0, brightness=0.0)
    generator, shapes = torch.Generator().manual_seed(1), set()
    for _ in range(40):
        images, boxes, labels = view(pictures, torch.tensor([0]), CELLS, views, generator)
        seen = (images[0, 0] > 1).nonzero()  # half of what white becomes
        top, left = seen.amin(0).tolist()
        bottom, right = (seen.amax(0) + 1).tolist()
        assert labels[0].tolist() == [1]
        np.testing.assert_allclose(boxes[0][0].numpy(), [left, top, right, bottom], atol=1.0)
        shapes.add(right - left > bottom - top)
    assert shapes == ({True, False} if turns else {True})


# Targets and losses


@pytest.mark.parametrize("size, level", [(11, 0), (24, 1), (50, 2)])
def test_boxes_are_found_at_the_level_of_their_size(size, level):
    locations = Locations.of(CELLS)
    box = torch.tensor([[80 - size / 2, 64 - size / 2, 80 + size / 2, 64 + size / 2]])
    boxes, classes = [box, torch.zeros(0, 4)], [torch.tensor([2]), torch.zeros(0, dtype=torch.int64)]
    labels, sides, centerness = assign(boxes, classes, locations)
    found = (labels[0] == 2).nonzero()[:, 0]
    assert len(found) and (labels[1] == -1).all() and (labels[0] >= 0).sum() == len(found)
    assert set(locations.strides[found].tolist()) == {float(CELLS.strides[level])}
    points, strides = locations.points[found], locations.strides[found, None]
    torch.testing.assert_close(points - sides[0, found, :2] * strides, box[:, :2].expand(len(found), 2))
    torch.testing.assert_close(points + sides[0, found, 2:] * strides, box[:, 2:].expand(len(found), 2))
    left, top, right, bottom = (sides[0, found] * strides).t()
    expected = torch.sqrt(torch.minimum(left, right) / torch.maximum(left, right)
                          * torch.minimum(top, bottom) / torch.maximum(top, bottom))
    torch.testing.assert_close(centerness[0, found], expected)


def test_losses_are_as_defined():
    logits, wanted = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([True, True, False])
    p = [1 / (1 + math.exp(-x)) for x in (2.0, -1.0, 0.5)]
    expected = (-0.25 * (1 - p[0]) ** 2 * math.log(p[0]) - 0.25 * (1 - p[1]) ** 2 * math.log(p[1])
                - 0.75 * p[2] ** 2 * math.log(1 - p[2]))
    assert focal(logits, wanted).item() == pytest.approx(expected, rel=1e-5)
    # Around one point: [-1, 1]² and [-1, 3]×[-1, 1], then [-1, 0]² and [0, 1]².
    a = torch.tensor([[1.0, 1, 1, 1], [1, 1, 0, 0]])
    b = torch.tensor([[1.0, 1, 3, 1], [0, 0, 1, 1]])
    torch.testing.assert_close(giou(a, b), torch.tensor([0.5, -0.5]))


@pytest.mark.parametrize("kind", ["adder", "convolution"])
def test_a_batch_is_learned(kind):
    torch.manual_seed(1)
    pictures = load_pictures(GOLDEN / "scenes-100.json", GOLDEN / "scenes-100.npy", SCENES)
    network, locations = Detector(SCENES, kind), Locations.of(SCENES)
    images = normalize(pictures.pixels[:4], SCENES)
    targets = assign(pictures.boxes[:4], pictures.labels[:4], locations)
    optimizer, losses = torch.optim.SGD(network.parameters(), lr=0.02, momentum=0.9), []
    for _ in range(12):
        loss = detection_loss(network(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_both_kinds_have_the_same_shapes():
    adder, convolution = Detector(CELLS, "adder"), Detector(CELLS, "convolution")
    assert sum(p.numel() for p in adder.parameters()) == sum(p.numel() for p in convolution.parameters())
    assert layer("adder", 3, 4, 3, 2)[0].input_gradient == "sign"
    images = torch.zeros(1, 3, 128, 160)
    shapes = [tensor.shape for tensor in adder(images)]
    assert shapes == [tensor.shape for tensor in convolution(images)]
    assert shapes[3:6] == [(1, 3, 16, 20), (1, 4, 16, 20), (1, 1, 16, 20)]
    assert [tensor.shape for tensor in flatten(adder(images))] == [(1, 1680, 3), (1, 1680, 4), (1, 1680, 1)]


# The decoder


def simple_decode(outputs, strides, canvas, overlap=0.5):
    """The specification box by box, with sigmoids and in loops."""
    found = []
    for level, stride in enumerate(strides):
        logits, distances, centerness = outputs[3 * level:3 * level + 3]
        for row in range(logits.shape[1]):
            for column in range(logits.shape[2]):
                for label in range(len(logits)):
                    p = 1 / (1 + math.exp(-logits[label, row, column]))
                    if p < 0.05:
                        continue
                    q = 1 / (1 + math.exp(-centerness[0, row, column]))
                    x, y = stride * (column + 0.5), stride * (row + 0.5)
                    left, top, right, bottom = (stride * max(d, 0) for d in distances[:, row, column])
                    box = (min(max(x - left, 0), canvas[1]), min(max(y - top, 0), canvas[0]),
                           min(max(x + right, 0), canvas[1]), min(max(y + bottom, 0), canvas[0]))
                    found.append((math.sqrt(p * q), label, box))
    found.sort(key=lambda item: -item[0])
    kept = []
    for score, label, box in found[:200]:
        for _, other_label, other in kept:
            width = min(box[2], other[2]) - max(box[0], other[0])
            height = min(box[3], other[3]) - max(box[1], other[1])
            both = max(width, 0) * max(height, 0)
            areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (box, other)]
            union = sum(areas) - both
            if label == other_label and both > union * overlap:
                break
        else:
            kept.append((score, label, box))
    return kept[:100]


@pytest.mark.parametrize("mean", [-6.0, -2.0, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_decoding_is_as_specified(mean, seed):
    generator, outputs = np.random.default_rng([seed, 9]), []
    for rows, columns in ((12, 16), (6, 8)):
        outputs += [generator.normal(mean, 2, (10, rows, columns)),
                    generator.gamma(2, 1, (4, rows, columns)) - 0.3, generator.normal(0, 1, (1, rows, columns))]
    boxes, scores, classes = reference.decode(outputs, Detection([8, 16]), (96, 128))
    expected = simple_decode(outputs, [8, 16], (96, 128))
    assert len(boxes) == len(expected) > 5
    np.testing.assert_allclose(scores, [score for score, _, _ in expected], rtol=1e-12)
    np.testing.assert_allclose(boxes, [box for _, _, box in expected], rtol=1e-12)
    assert classes.tolist() == [label for _, label, _ in expected]


def heads(*places):
    """A level of stride 8, 2×3, 2 classes, and one of stride 16, 1×2, with nothing but what is named:
    (level, row, column, class, logit, distances)."""
    outputs = []
    for rows, columns in ((2, 3), (1, 2)):
        outputs += [np.full((2, rows, columns), -20.0), np.ones((4, rows, columns)),
                    np.zeros((1, rows, columns))]
    for level, row, column, label, logit, distances in places:
        outputs[3 * level][label, row, column] = logit
        outputs[3 * level + 1][:, row, column] = distances
    return outputs


def decoded(*places, **options):
    boxes, scores, classes = reference.decode(heads(*places), Detection([8, 16], **options), (16, 32))
    return boxes.tolist(), classes.tolist()


def test_nothing_is_found_where_nothing_is():
    boxes, scores, classes = reference.decode(heads(), Detection([8, 16]), (16, 32))
    assert boxes.shape == (0, 4) and scores.shape == classes.shape == (0,)


def test_boxes_are_cut_to_the_canvas():
    assert decoded((1, 0, 1, 0, 1.0, (0.5, 9, 0.25, 0.125))) == ([[16, 0, 28, 10]], [0])


def test_equal_scores_keep_the_order_of_levels_rows_columns_and_classes():
    tiny = (0.25, 0.25, 0.25, 0.25)
    _, classes = decoded((0, 1, 0, 0, 1.0, tiny), (0, 0, 2, 1, 1.0, tiny))
    assert classes == [1, 0]
    boxes, classes = decoded((1, 0, 0, 0, 1.0, tiny), (0, 1, 2, 1, 1.0, tiny), (0, 1, 2, 0, 1.0, tiny))
    assert classes == [0, 1, 0] and boxes[2] == [4, 4, 12, 12]


def test_a_box_stays_that_overlaps_by_half_of_the_union():
    # 16×8 and its half.
    whole, half = (0.5, 0.5, 1.5, 0.5), (0.5, 0.5, 0.5, 0.5)
    assert len(decoded((0, 0, 0, 0, 2.0, whole), (0, 0, 1, 0, 1.0, half))[0]) == 2
    more = (0.625, 0.5, 0.5, 0.5)
    assert len(decoded((0, 0, 0, 0, 2.0, whole), (0, 0, 1, 0, 1.0, more))[0]) == 1
    assert len(decoded((0, 0, 0, 0, 2.0, whole), (0, 0, 1, 1, 1.0, more))[0]) == 2


def test_distances_below_0_count_as_0():
    assert decoded((0, 1, 1, 0, 1.0, (-1, 0.25, -9, 0.125)))[0] == [[12, 10, 12, 13]]


def test_limits_and_the_part_that_boxes_may_share_can_be_chosen():
    places = [(0, 0, column, 0, 3.0 - column, (0.5, 0.5, 1.5, 0.5)) for column in range(3)]
    # Boxes of 16 pixels at 0, 8 and 16, each shares a third of the union with the next.
    assert [box[0] for box in decoded(*places)[0]] == [0, 8, 16]
    assert [box[0] for box in decoded(*places, overlap=0.25)[0]] == [0, 16]
    assert [box[0] for box in decoded(*places, boxes=2)[0]] == [0, 8]
    assert [box[0] for box in decoded(*places, candidates=2, overlap=0.25)[0]] == [0]
    assert [box[0] for box in decoded(*places, score=0.8)[0]] == [0, 8]


def test_the_part_that_boxes_may_share_is_the_nearest_of_256():
    parts = [0, 0.5, 128.4 / 256, 128.5 / 256, 129.5 / 256, 255 / 256]
    assert [reference.overlap_number(part) for part in parts] == [0, 128, 128, 129, 130, 255]


def test_the_threshold_is_on_the_class():
    limit = math.log(0.05 / 0.95)
    assert len(decoded((0, 0, 0, 0, limit, (1, 1, 1, 1)))[0]) == 1
    assert len(decoded((0, 0, 0, 0, limit - 1e-9, (1, 1, 1, 1)))[0]) == 0
