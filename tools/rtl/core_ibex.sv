// Ibex behind the ports that simulator.cpp drives: two pipeline stages, no cache and no branch
// predictor, which are its defaults. MULTIPLIER is the core's own choice of unit: 0 none, 1 slow,
// 2 fast, 3 single-cycle. Exceptions go to address 0, where start.S ends the program.
module core
  import ibex_pkg::*;
#(
  parameter int MULTIPLIER = 0
) (
  input  logic        clock,
  input  logic        reset,
  output logic        trap,
  output logic        instruction_request,
  output logic [31:0] instruction_address,
  input  logic        instruction_valid,
  input  logic [31:0] instruction,
  output logic        data_request,
  output logic        data_write,
  output logic [3:0]  data_strobe,
  output logic [31:0] data_address,
  output logic [31:0] data_to_memory,
  input  logic        data_valid,
  input  logic [31:0] data_from_memory
);
  assign trap = 1'b0;

  // The memory takes every request in its cycle: each is granted at once.
  ibex_top #(
    .RV32M(rv32m_e'(MULTIPLIER))
  ) cpu (
    .clk_i(clock),
    .rst_ni(!reset),
    .test_en_i(1'b0),
    .ram_cfg_i('0),
    .hart_id_i('0),
    .boot_addr_i('0),  // starts 0x80 above it
    .instr_req_o(instruction_request),
    .instr_gnt_i(instruction_request),
    .instr_rvalid_i(instruction_valid),
    .instr_addr_o(instruction_address),
    .instr_rdata_i(instruction),
    .instr_rdata_intg_i('0),
    .instr_err_i(1'b0),
    .data_req_o(data_request),
    .data_gnt_i(data_request),
    .data_rvalid_i(data_valid),
    .data_we_o(data_write),
    .data_be_o(data_strobe),
    .data_addr_o(data_address),
    .data_wdata_o(data_to_memory),
    .data_wdata_intg_o(),
    .data_rdata_i(data_from_memory),
    .data_rdata_intg_i('0),
    .data_err_i(1'b0),
    .irq_software_i(1'b0),
    .irq_timer_i(1'b0),
    .irq_external_i(1'b0),
    .irq_fast_i('0),
    .irq_nm_i(1'b0),
    .scramble_key_valid_i('0),
    .scramble_key_i('0),
    .scramble_nonce_i('0),
    .scramble_req_o(),
    .debug_req_i(1'b0),
    .crash_dump_o(),
    .double_fault_seen_o(),
    .fetch_enable_i(IbexMuBiOn),
    .alert_minor_o(),
    .alert_major_internal_o(),
    .alert_major_bus_o(),
    .core_sleep_o(),
    .scan_rst_ni(1'b1)
  );
endmodule
