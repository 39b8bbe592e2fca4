"""Applications (選考中・選考のみ)."""
