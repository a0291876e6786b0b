-- Adds a window; false where another session has sealed it, or the run was purged.
SELECT seal_window(
  @project, @run, @from_pos, @upto, @kinds, @events, @in_order, @seq_lo, @seq_hi,
  @epoch_first, @epoch_stride, @step_first, @step_stride, @seqs, @epochs, @steps, @times,
  @writer, @writers, @chunk_kinds, @keys, @points, @firsts, @first_seqs, @lasts, @last_seqs, @lows, @highs, @rollups, @ys, @offsets
) AS sealed
