// Runs a model in adder.wasm, compares every byte of the outputs with those of adderrun, writes the
// boxes of a detector, and runs the golden vectors, if any are named.
//
//   node tools/embedded/wasm/run.mjs adder.wasm MODEL.adb DIR [VECTORS]
//
//   DIR      where `adderc emit-c MODEL.adb --vectors --prefix model` wrote to
//   VECTORS  files of golden/vectors, one behind the other
//
// Ends with status 0 if everything is equal.
import { readFileSync } from "node:fs";
import { AdderError, AdderModel } from "./adder.mjs";

const WRONG_CHECKSUM = 6;

const [moduleFile, modelFile, folder, vectorsFile] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(moduleFile));
let isGood = true;

function report(count, all, what) {
  console.log(`${count} of ${all} ${what}`);
  isGood &&= count === all && all > 0;
}

// The bytes of an array in C.
function array(source, name) {
  const [, numbers] = source.match(new RegExp(`${name}\\[[^\\]]*\\] = \\{([^}]*)\\}`));
  return Uint8Array.from(numbers.match(/0x[0-9A-F]{2}/g), Number);
}

const bytes = data => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const byteCount = tensors => tensors.reduce((sum, tensor) => sum + tensor.data.byteLength, 0);

function fill(model, values) {
  let place = 0;
  for (const { data } of model.inputs) {
    bytes(data).set(values.subarray(place, place + data.byteLength));
    place += data.byteLength;
  }
}

// As tools/embedded/firmware/example.c does, every number as it is.
function writeBoxes(model) {
  const { boxes } = model.detect();
  const units = 2 ** model.detection.fractionBits;
  console.log(`${boxes.length} boxes`);
  for (const box of boxes) {
    const sides = [box.left, box.top, box.right, box.bottom].map(side => side * units);
    console.log([box.label, ...sides, -box.logScore, box.level, box.place].join("  "));
  }
}

function runImages(image) {
  const source = readFileSync(`${folder}/model_vectors.c`, "utf8");
  const inputs = array(source, "model_vector_inputs");
  const outputs = array(source, "model_vector_outputs");
  const model = new AdderModel(module, image);
  const [inputBytes, outputBytes] = [byteCount(model.inputs), byteCount(model.outputs)];
  const count = inputs.length / inputBytes;
  let equal = 0;
  for (let index = 0; index < count; index++) {
    fill(model, inputs.subarray(index * inputBytes, (index + 1) * inputBytes));
    model.run();
    const found = Buffer.concat(model.outputs.map(({ data }) => bytes(data)));
    if (found.equals(outputs.subarray(index * outputBytes, (index + 1) * outputBytes))) equal++;
    if (model.detection) writeBoxes(model);
  }
  const seen = [];
  model.run(index => seen.push(index));
  report(seen.filter((index, place) => index === place).length, seen.length,
    "operations are observed in order");
  report(equal, count, "images give the expected bytes");
}

// Every 97th byte damaged, behind the header's first words.
function refuse(image) {
  let refused = 0, count = 0;
  for (let place = 16; place < image.length; place += 97) {
    const damaged = Uint8Array.from(image);
    damaged[place] ^= 0x10;
    count++;
    try {
      new AdderModel(module, damaged);
    } catch (error) {
      if (error instanceof AdderError && error.status === WRONG_CHECKSUM) refused++;
    }
  }
  report(refused, count, "damaged models are refused");
}

// Whether detections of a case give its counts and its boxes to the byte. Reads them all.
function findsBoxes(model, word, take) {
  let isEqual = true;
  for (let left = word(); left > 0; left--) {
    const [capacity, candidateCount, droppedCount, boxCount] = [word(), word(), word(), word()];
    const expected = take(20 * boxCount);
    const found = model.detect(capacity);
    isEqual &&= found.candidateCount === candidateCount && found.droppedCount === droppedCount
      && Buffer.concat(found.boxes.map(box => boxBytes(box, model.detection))).equals(expected);
  }
  return isEqual;
}

// adder_box.
function boxBytes(box, { fractionBits }) {
  const bytes = Buffer.alloc(20);
  [box.left, box.top, box.right, box.bottom].forEach(
    (side, index) => bytes.writeUInt16LE(side * 2 ** fractionBits, 2 * index));
  bytes.writeUInt16LE(box.label, 8);
  bytes.writeUInt16LE(box.level, 10);
  bytes.writeInt32LE(box.logScore, 12);
  bytes.writeUInt32LE(box.place, 16);
  return bytes;
}

// golden/README.md has the form of the file.
function runVectors(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  let place = 0, equal = 0, count = 0;
  const word = () => view.getUint32((place += 4) - 4, true);
  const take = length => file.subarray(place, place += length);
  while (place < file.length) {
    const magic = word(), hasBoxes = magic === 0x54454441;
    if (magic !== 0x43455641 && !hasBoxes) throw new Error("not a file of golden vectors");
    for (let left = word(); left > 0; left--) {
      const name = take(view.getUint16((place += 2) - 2, true)).toString();
      const model = new AdderModel(module, take(word()));
      fill(model, take(word()));
      const values = Array.from({ length: word() }, () => word() | 0);
      model.run();
      const found = model.outputs.flatMap(({ data }) => Array.from(data));
      let isEqual =
        found.length === values.length && found.every((value, index) => value === values[index]);
      if (hasBoxes && !findsBoxes(model, word, take)) isEqual = false;
      if (isEqual) equal++; else console.log(`${name}: other values`);
      count++;
    }
  }
  report(equal, count, "golden cases give the expected integers");
}

const image = new Uint8Array(readFileSync(modelFile));
if (vectorsFile) {
  refuse(image);
  runVectors(readFileSync(vectorsFile));
}
runImages(image);
process.exitCode = isGood ? 0 : 1;
