# One static program in an empty image. The build needs the network for modules only.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -trimpath -tags 'netgo osusergo sqlite_omit_load_extension' \
	-ldflags '-s -w -linkmode external -extldflags -static' -o /out/mooring . \
	&& mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/mooring /mooring
# An ordinary user without a name, who owns the database's folder.
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV MOORING_LISTEN=0.0.0.0:33766
EXPOSE 33766
# There is no HEALTHCHECK, since there is no program to make the request: probe /healthz and /readyz from outside.
ENTRYPOINT ["/mooring"]
