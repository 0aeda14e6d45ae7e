"""
Arithmetic that gives the same bits on every processor.

numpy chooses its code by the processor that it finds. ``exp`` and ``sin`` of AVX-512, of AVX2 and of the C
library differ in their last bits, and so do matrix products and sums whose terms are added in another order.
A network that rounds to 8 bits turns such a difference into other speech. Nothing here depends on it, because
only this is used:

* ``+ - * / sqrt``, rounding, comparing and choosing, element by element. IEEE 754 defines their results. A
  product and a sum are two calls, so that no compiler joins them in one instruction; for the same reason
  there are no complex numbers.
* Sums in an order of our own: ``sums``.
* Matrix products of numbers so short that no sum is ever rounded: ``products``. In which order, and by which
  library, the terms are added makes no difference then.
* Functions made of the above: ``functions``, ``fourier``.

Everything takes and returns arrays of numpy, and knows nothing of what the numbers mean.
"""
