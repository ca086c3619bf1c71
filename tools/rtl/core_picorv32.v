// PicoRV32 behind the ports that simulator.cpp drives.
//
// Its one bus is the data port; the instruction port asks for nothing. The look-ahead interface
// names an address one cycle before the plain one does, so that a synchronous memory answers in the
// first cycle of each transfer: `mem_ready` is always high.
module core #(
  parameter [0:0] BARREL_SHIFTER = 0,
  parameter [0:0] ENABLE_MUL = 0,
  parameter [0:0] ENABLE_FAST_MUL = 0
) (
  input  wire        clock,
  input  wire        reset,
  output wire        trap,
  output wire        instruction_request,
  output wire [31:0] instruction_address,
  input  wire        instruction_valid,
  input  wire [31:0] instruction,
  output wire        data_request,
  output wire        data_write,
  output wire [3:0]  data_strobe,
  output wire [31:0] data_address,
  output wire [31:0] data_to_memory,
  input  wire        data_valid,
  input  wire [31:0] data_from_memory
);
  wire look_ahead_read, look_ahead_write;

  assign instruction_request = 1'b0;
  assign instruction_address = 32'b0;
  assign data_request = look_ahead_read | look_ahead_write;
  assign data_write = look_ahead_write;

  picorv32 #(
    .BARREL_SHIFTER(BARREL_SHIFTER),
    .ENABLE_MUL(ENABLE_MUL),
    .ENABLE_FAST_MUL(ENABLE_FAST_MUL),
    .PROGADDR_RESET(32'h0000_0080)
  ) cpu (
    .clk(clock),
    .resetn(!reset),
    .trap(trap),
    .mem_ready(1'b1),
    .mem_rdata(data_from_memory),
    .mem_la_read(look_ahead_read),
    .mem_la_write(look_ahead_write),
    .mem_la_addr(data_address),
    .mem_la_wdata(data_to_memory),
    .mem_la_wstrb(data_strobe),
    .pcpi_wr(1'b0),
    .pcpi_rd(32'b0),
    .pcpi_wait(1'b0),
    .pcpi_ready(1'b0),
    .irq(32'b0)
  );
endmodule
