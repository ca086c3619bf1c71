// SERV, the bit-serial core, behind the ports that simulator.cpp drives. Without control and status
// registers it notices no illegal instruction, so it never reports a trap.
module core (
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
  wire instruction_cycle, data_cycle;

  assign trap = 1'b0;
  // A Wishbone cycle lasts until its acknowledgement; each is one request to the memory.
  assign instruction_request = instruction_cycle & !instruction_valid;
  assign data_request = data_cycle & !data_valid;

  serv_rf_top #(.RESET_PC(32'h0000_0080), .WITH_CSR(0)) cpu (
    .clk(clock),
    .i_rst(reset),
    .i_timer_irq(1'b0),
    .o_ibus_adr(instruction_address),
    .o_ibus_cyc(instruction_cycle),
    .i_ibus_rdt(instruction),
    .i_ibus_ack(instruction_valid),
    .o_dbus_adr(data_address),
    .o_dbus_dat(data_to_memory),
    .o_dbus_sel(data_strobe),
    .o_dbus_we(data_write),
    .o_dbus_cyc(data_cycle),
    .i_dbus_rdt(data_from_memory),
    .i_dbus_ack(data_valid),
    .i_ext_rd(32'b0),
    .i_ext_ready(1'b0)
  );
endmodule
