/// <reference types="@adobe/cc-ext-uxp-types" />
