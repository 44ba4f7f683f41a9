# The image of `muster` with a container engine: `docker build --tag muster .`. `npm run package:image` makes the same without
# one. Nothing is in it but the program, what it is linked with, and their licences: no shell, and nobody is root.
FROM node:24-bookworm AS build
WORKDIR /source
COPY . .
RUN npm ci --ignore-scripts && npm run package:binary
RUN node scripts/ociImage.mjs --root /root-of-image

FROM scratch
COPY --from=build /root-of-image/libraries/ /
COPY --from=build /root-of-image/program/ /
COPY --from=build --chown=65532:65532 /root-of-image/home/ /
USER 65532:65532
ENV PATH=/usr/local/bin HOME=/home/muster
WORKDIR /work
ENTRYPOINT ["/usr/local/bin/muster"]
LABEL org.opencontainers.image.title=muster org.opencontainers.image.licenses=MIT
