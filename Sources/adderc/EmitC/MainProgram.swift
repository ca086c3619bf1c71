import AdderModel

/// A C program that runs a model once, for its user to change.
struct MainProgram {
  static let fileName = "main.c"

  let model: Model
  let prefix: CPrefix
  /// Whether there are vectors for a self-test.
  let hasVectors: Bool

  func file() -> CFile { CFile(name: Self.fileName, pieces: [.text(text)]) }

  var text: String {
    let name = prefix.name
    let macro = prefix.macro
    let sources = "\(name).c" + (hasVectors ? ", \(name)_vectors.c" : "")
    let include = hasVectors ? "#include \"\(name)_vectors.h\"\n" : ""
    let selfTest =
      hasVectors
      ? """
        /* Does this device compute what the host computed? */
        if (status == ADDER_OK)
          status = adder_self_test(model, \(name)_vector_inputs, \(name)_vector_outputs,
                                   \(macro)_VECTOR_COUNT);

      """ : ""
    let pixels = hasVectors ? "  const uint8_t *pixels = \(name)_vector_inputs;\n" : ""
    return """
      /* Runs the model once, without printf: main returns \(resultDescription)
       * or, below zero, an error of adder.h. adderc emit-c wrote it as a beginning; it is yours.
       *
       * Compile it with \(sources) and adder.h, and link libadder.a. */
      #include "adder.h"
      #include "\(name).h"
      \(include)\(detectionStart)
      static _Alignas(ADDER_ARENA_ALIGNMENT)
          uint32_t arena[ADDER_ARENA_WORDS(\(macro)_ARENA_BYTES)];

      int main(void) {
        adder_model *model;
        adder_tensor \(model.detection == nil ? "input, output" : "input");
        adder_status status =
            adder_init(\(name)_data, \(macro)_BYTE_COUNT, arena, sizeof arena, &model);
      \(selfTest)  if (status != ADDER_OK) return -(int)status;

        /* Put your image in place of \(inputDescription): rows, columns, channels. */
      \(pixels)  for (uint32_t i = 0; i < \(macro)_INPUT_COUNT; i++) {
          adder_get_input(model, i, &input);
          for (uint32_t k = 0; k < input.byte_count; k++)
            ((uint8_t *)input.data)[k] = \(hasVectors ? "*pixels++" : "0");
        }
        adder_run(model);

      \(result)}

      """
  }

  private var inputDescription: String { hasVectors ? "the first test vector" : "the zeros" }

  /// What stands before `main` for a detector.
  private var detectionStart: String {
    guard model.detection != nil else { return "" }
    let macro = prefix.macro
    return """

      #ifdef PRINT_BOXES
      #include <stdio.h>
      #endif

      /* Called for each box, the best first. Sides are in 2^-\(macro)_FRACTION_BITS pixels; the score
       * is e^(score / 2^17). Compile with -DPRINT_BOXES where there is a printf. */
      static void show(const adder_box *box) {
      #ifdef PRINT_BOXES
        printf("class %u, columns %u to %u, rows %u to %u, score %ld\\n", (unsigned)box->label,
               (unsigned)(box->left >> \(macro)_FRACTION_BITS),
               (unsigned)(box->right >> \(macro)_FRACTION_BITS),
               (unsigned)(box->top >> \(macro)_FRACTION_BITS),
               (unsigned)(box->bottom >> \(macro)_FRACTION_BITS), (long)box->score);
      #else
        (void)box; /* Put what you do with a box here. */
      #endif
      }

      static adder_box boxes[\(macro)_CANDIDATES];

      """
  }

  /// Whether output 0 has one score for each class.
  private var isClassifier: Bool {
    let shape = model.outputs[0].tensor.shape
    return shape.height == 1 && shape.width == 1 && shape.channels > 1
  }

  private var resultDescription: String {
    if model.detection != nil { return "the number of boxes" }
    return isClassifier ? "the class of the highest score" : "0"
  }

  private var result: String {
    let macro = prefix.macro
    if model.detection != nil {
      return """
          adder_detections found;
          status = adder_detect(model, boxes, \(macro)_CANDIDATES, &found);
          if (status != ADDER_OK) return -(int)status;
          for (uint32_t i = 0; i < found.box_count; i++) show(&boxes[i]);
          return (int)found.box_count;

        """
    }
    guard isClassifier else {
      return """
          adder_get_output(model, 0, &output);
          /* output.data holds \(macro)_OUTPUT_0_ELEMENTS elements of \(macro)_OUTPUT_0_C_TYPE. */
          return 0;

        """
    }
    return """
        adder_get_output(model, 0, &output);
        const \(macro)_OUTPUT_0_C_TYPE *scores = output.data;
        int best = 0;
        for (int i = 1; i < \(macro)_OUTPUT_0_CHANNELS; i++)
          if (scores[i] > scores[best]) best = i;
        return best;

      """
  }
}
