"""What the frozen `mbus-commissioner` starts."""

import sys

from ui.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
