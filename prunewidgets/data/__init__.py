"""What the workbook learns from: the 3×4 matrix of chapter 01, and MNIST."""
