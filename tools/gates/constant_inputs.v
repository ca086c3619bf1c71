// For yosys's techmap: a full adder with a constant input becomes gates, which abc simplifies.

(* techmap_celltype = "FAX1" *)
module half_adder (input A, input B, input C, output YC, output YS);
  parameter _TECHMAP_CONSTMSK_A_ = 0;
  parameter _TECHMAP_CONSTMSK_B_ = 0;
  parameter _TECHMAP_CONSTMSK_C_ = 0;
  wire _TECHMAP_FAIL_ = !(_TECHMAP_CONSTMSK_A_ || _TECHMAP_CONSTMSK_B_ || _TECHMAP_CONSTMSK_C_);
  assign YS = A ^ B ^ C;
  assign YC = A & B | C & (A | B);
endmodule
