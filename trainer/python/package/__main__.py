import sys

from integraviz import main

sys.exit(main())
