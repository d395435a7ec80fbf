"""Every stack policy on the same work, side by side, and other kernels' figures beside them."""
