// adder.h for JavaScript, over the module that `tools/embedded/build wasm32` makes:
//
//   const module = await WebAssembly.compileStreaming(fetch("adder.wasm"));
//   const model = new AdderModel(module, new Uint8Array(await file.arrayBuffer()));
//   model.inputs[0].data.set(pixels);
//   model.run();
//   use(model.outputs[0].data);
//   for (const box of model.detect().boxes) draw(box);  // a detector
//
// The module imports nothing and allocates nothing. Its memory is its user's from the address
// `__heap_base` on; a model, its arena and what functions return are laid out there, each model in a
// memory of its own.

// ADDER_OK, ADDER_NO_DETECTION, the alignment of a model, which suits an arena, too, the bytes of
// adder_tensor, which suffice for the other records that functions return, and those of adder_box.
const OK = 0, NO_DETECTION = 67, ALIGNMENT = 16, TENSOR_BYTES = 32, BOX_BYTES = 20;
const PAGE_BYTES = 65536;

// ADDER_UINT8, ADDER_INT16, ADDER_INT32.
const ELEMENTS = { 1: Uint8Array, 2: Int16Array, 3: Int32Array };

const aligned = address => Math.ceil(address / ALIGNMENT) * ALIGNMENT;

// A status of adder.h other than ADDER_OK.
export class AdderError extends Error {
  constructor(status, what) {
    super(`${what}: status ${status} of adder.h`);
    this.status = status;
  }
}

export class AdderModel {
  #functions; #pointer; #observer; #slot; #record; #boxes;

  // module  a WebAssembly.Module of adder.wasm
  // image   a Uint8Array, the model file
  constructor(module, image) {
    const functions = this.#functions = new WebAssembly.Instance(module).exports;
    const model = aligned(functions.__heap_base.value);
    const result = aligned(model + image.length);
    this.#reserve(result + TENSOR_BYTES);
    new Uint8Array(functions.memory.buffer).set(image, model);
    this.#require(functions.adder_get_arena_byte_count(model, image.length, result), "the model");
    const arena = result + TENSOR_BYTES;
    this.arenaByteCount = this.#word(result);
    this.#reserve(arena + this.arenaByteCount);
    this.#require(
      functions.adder_init(model, image.length, arena, this.arenaByteCount, result), "the model");
    this.#pointer = this.#word(result);
    this.#record = result;
    this.#boxes = aligned(arena + this.arenaByteCount);
    this.detection = this.#description();
    if (this.detection) this.#reserve(this.#boxes + BOX_BYTES * this.detection.candidateLimit);
    this.inputs = this.#tensors(functions.adder_get_input, result);
    this.outputs = this.#tensors(functions.adder_get_output, result);
  }

  // Computes the outputs from the inputs. `observe(index, opcode)` is called behind each operation.
  run(observe) {
    if (!observe) {
      this.#require(this.#functions.adder_run(this.#pointer), "the run");
      return;
    }
    const table = this.#functions.__indirect_function_table;
    this.#slot ??= table.grow(1, callback((_, index, opcode) => this.#observer(index, opcode)));
    this.#observer = observe;
    this.#require(
      this.#functions.adder_run_observed(this.#pointer, this.#slot, 0), "the observed run");
  }

  // Finds the boxes of an image in the outputs of the last run: { boxes, candidateCount, droppedCount },
  // as adder_detect has them, the surest box first. `left`, `top`, `right` and `bottom` are in pixels of
  // the first input, `score` in 0…1; it is e^(logScore / 2^17) of the integer.
  detect(capacity = this.detection?.candidateLimit) {
    const count = Math.min(capacity ?? 1, this.detection?.candidateLimit ?? 1);
    this.#require(
      this.#functions.adder_detect(this.#pointer, this.#boxes, count, this.#record), "the boxes");
    const view = new DataView(this.#functions.memory.buffer);
    const [boxCount, candidateCount, droppedCount] =
      [0, 4, 8].map(offset => view.getUint32(this.#record + offset, true));
    const boxes = Array.from({ length: boxCount }, (_, index) => this.#box(view, index));
    return { boxes, candidateCount, droppedCount };
  }

  #box(view, index) {
    const place = this.#boxes + BOX_BYTES * index;
    const [left, top, right, bottom] =
      [0, 2, 4, 6].map(offset => view.getUint16(place + offset, true) / 2 ** this.detection.fractionBits);
    const logScore = view.getInt32(place + 12, true);
    return {
      left, top, right, bottom, label: view.getUint16(place + 8, true),
      level: view.getUint16(place + 10, true), score: Math.exp(logScore / 2 ** 17), logScore,
      place: view.getUint32(place + 16, true),
    };
  }

  // What adder_get_detection says; null for a model that is no detector.
  #description() {
    const status = this.#functions.adder_get_detection(this.#pointer, this.#record);
    if (status === NO_DETECTION) return null;
    this.#require(status, "the model");
    const [fractionBits, candidateLimit, boxLimit, classCount, levelCount] =
      [0, 4, 8, 12, 16].map(offset => this.#word(this.#record + offset));
    return { fractionBits, candidateLimit, boxLimit, classCount, levelCount };
  }

  #require(status, what) {
    if (status !== OK) throw new AdderError(status, what);
  }

  #word(address) { return new DataView(this.#functions.memory.buffer).getUint32(address, true); }

  #reserve(end) {
    const memory = this.#functions.memory;
    const missing = end - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  // All inputs or outputs, read through a record at an address. The memory does not grow any more.
  #tensors(get, record) {
    const tensors = [];
    const view = new DataView(this.#functions.memory.buffer);
    for (let index = 0; get(this.#pointer, index, record) === OK; index++) {
      const [address, byteCount, height, width, channels, elementType] =
        [0, 4, 8, 12, 16, 20].map(offset => view.getUint32(record + offset, true));
      const Elements = ELEMENTS[elementType];
      tensors.push({
        data: new Elements(view.buffer, address, byteCount / Elements.BYTES_PER_ELEMENT),
        height, width, channels,
        zeroPoint: view.getInt32(record + 24, true), scale: view.getFloat32(record + 28, true),
      });
    }
    return tensors;
  }
}

// A function of WebAssembly, which a table can hold, that calls one of JavaScript with three
// numbers: a module that exports what it imports.
function callback(f) {
  const bytes = [
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0,  // magic and version
    1, 7, 1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0,  // types: (i32, i32, i32) -> ()
    2, 7, 1, 1, 0x65, 1, 0x66, 0, 0,  // imports: e.f, a function of this type
    7, 5, 1, 1, 0x66, 0, 0,  // exports: f
  ];
  const module = new WebAssembly.Module(new Uint8Array(bytes));
  return new WebAssembly.Instance(module, { e: { f } }).exports.f;
}
