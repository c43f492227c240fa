"use strict"; // Empty: package.json says why.
