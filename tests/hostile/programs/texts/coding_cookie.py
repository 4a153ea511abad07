# ok 3.0 crashed
# Says that it is written in another encoding, in which it would be another program.
# generate
"# -*- coding: utf-7 -*-\ndef f(x):\n    return 1.0 #+AAo-return 9.0"
