// The fields of the network domain, for netmond. The source of a connection is the side that began it.
#pragma once

#include <array>

#include "daemoneye/events/field.hpp"
#include "daemoneye/events/process_fields.hpp"
#include "daemoneye/events/schema.hpp"

namespace daemoneye::events::network {

inline constexpr std::string_view domain = "network";

namespace kind {
inline constexpr std::string_view connect = "connect";
inline constexpr std::string_view accept = "accept";
inline constexpr std::string_view failed = "failed";
inline constexpr std::string_view listen = "listen";
inline constexpr std::string_view close = "close";
inline constexpr std::string_view flow = "flow";
inline constexpr std::string_view snapshot = "snapshot";
inline constexpr std::string_view interface = "interface";
}  // namespace kind

inline constexpr std::array connections = {kind::connect, kind::accept, kind::failed,  kind::listen,
                                           kind::close,   kind::flow,   kind::snapshot};
inline constexpr std::array ends = {kind::close, kind::flow};
inline constexpr std::array only_failed = {kind::failed};
inline constexpr std::array only_close = {kind::close};
inline constexpr std::array only_interface = {kind::interface};

inline constexpr Field identity{.name = process::identity.name,
                                .type = Type::object,
                                .sentence = "The process that owns the socket.",
                                .presence = Presence::optional,
                                .ecs = "process",
                                .kinds = connections};
inline constexpr Field pid{.name = process::pid.name,
                           .type = process::pid.type,
                           .sentence = "Process id.",
                           .indexed = true,
                           .ecs = "process.pid",
                           .sigma = "ProcessId",
                           .object = &identity,
                           .kinds = connections};
inline constexpr Field start_time{.name = process::start_time.name,
                                  .type = process::start_time.type,
                                  .sentence = "When the process started.",
                                  .presence = Presence::nullable,
                                  .unit = process::start_time.unit,
                                  .object = &identity,
                                  .kinds = connections};
inline constexpr Field boot_id{.name = process::boot_id.name,
                               .type = process::boot_id.type,
                               .sentence = "Id of the host's boot.",
                               .ecs = "host.boot.id",
                               .object = &identity,
                               .kinds = connections};
inline constexpr Field exe{.name = process::exe.name,
                           .type = process::exe.type,
                           .sentence = "Path of the executable of the process.",
                           .presence = Presence::optional,
                           .indexed = true,
                           .ecs = "process.executable",
                           .sigma = "Image",
                           .kinds = connections};
inline constexpr Field uid{.name = process::uid.name,
                           .type = process::uid.type,
                           .sentence = "Real user id of the process; rules match the name of this user.",
                           .presence = Presence::optional,
                           .indexed = true,
                           .ecs = "process.real_user.id",
                           .sigma = "User",
                           .kinds = connections};
inline constexpr Field protocol{.name = "protocol",
                                .type = Type::text,
                                .sentence = "Transport protocol: tcp or udp.",
                                .ecs = "network.transport",
                                .sigma = "Protocol",
                                .kinds = connections};
inline constexpr Field initiated{.name = "initiated",
                                 .type = Type::boolean,
                                 .sentence = "The process of this host began it.",
                                 .presence = Presence::optional,
                                 .sigma = "Initiated",
                                 .kinds = connections};
inline constexpr Field source_address{
    .name = "source_address",
    .type = Type::address,
    .sentence = "Address of the side that began it; the local address of a listener.",
    .indexed = true,
    .ecs = "source.ip",
    .sigma = "SourceIp",
    .kinds = connections};
inline constexpr Field source_port{
    .name = "source_port",
    .type = Type::unsigned_integer,
    .sentence = "Port of the side that began it; the local port of a listener.",
    .ecs = "source.port",
    .sigma = "SourcePort",
    .kinds = connections};
inline constexpr Field destination_address{.name = "destination_address",
                                           .type = Type::address,
                                           .sentence = "Address of the other side.",
                                           .presence = Presence::optional,
                                           .indexed = true,
                                           .ecs = "destination.ip",
                                           .sigma = "DestinationIp",
                                           .kinds = connections};
inline constexpr Field destination_port{.name = "destination_port",
                                        .type = Type::unsigned_integer,
                                        .sentence = "Port of the other side.",
                                        .presence = Presence::optional,
                                        .indexed = true,
                                        .ecs = "destination.port",
                                        .sigma = "DestinationPort",
                                        .kinds = connections};
inline constexpr Field network_namespace{.name = "network_namespace",
                                         .type = Type::unsigned_integer,
                                         .sentence = "Inode of the network namespace.",
                                         .presence = Presence::optional,
                                         .kinds = connections};
inline constexpr Field source_bytes{.name = "source_bytes",
                                    .type = Type::unsigned_integer,
                                    .sentence = "Bytes from source to destination.",
                                    .presence = Presence::nullable,
                                    .unit = "bytes",
                                    .ecs = "source.bytes",
                                    .kinds = ends};
inline constexpr Field destination_bytes{.name = "destination_bytes",
                                         .type = Type::unsigned_integer,
                                         .sentence = "Bytes from destination to source.",
                                         .presence = Presence::nullable,
                                         .unit = "bytes",
                                         .ecs = "destination.bytes",
                                         .kinds = ends};
inline constexpr Field duration{.name = "duration_ns",
                                .type = Type::unsigned_integer,
                                .sentence = "How long the connection or flow lasted.",
                                .presence = Presence::optional,
                                .unit = "ns",
                                .ecs = "event.duration",
                                .kinds = ends};
inline constexpr Field flows{.name = "flows",
                             .type = Type::unsigned_integer,
                             .sentence = "How many flows the record stands for.",
                             .presence = Presence::optional,
                             .unit = "flows",
                             .kinds = ends};
inline constexpr Field error{.name = "error",
                             .type = Type::text,
                             .sentence = "Why the connection failed, as a name of errno: ECONNREFUSED.",
                             .ecs = "error.code",
                             .kinds = only_failed};
inline constexpr Field reason{.name = "reason",
                              .type = Type::text,
                              .sentence = "Why the connection ended.",
                              .presence = Presence::optional,
                              .ecs = "event.reason",
                              .kinds = only_close};
inline constexpr Field interface_name{.name = "interface",
                                      .type = Type::text,
                                      .sentence = "Name of the network interface.",
                                      .kinds = only_interface};
inline constexpr Field changed{.name = "changed",
                               .type = Type::text,
                               .sentence = "What changed: link, address or route.",
                               .kinds = only_interface};
inline constexpr Field change_detail{.name = "detail",
                                     .type = Type::text,
                                     .sentence = "The new state as one line of text.",
                                     .kinds = only_interface};
inline constexpr Field observed_by{.name = process::observed_by.name,
                                   .type = process::observed_by.type,
                                   .sentence = "How it became known: the name of the source."};
inline constexpr Field incomplete{.name = process::incomplete.name,
                                  .type = process::incomplete.type,
                                  .sentence = "Names of the fields that could not be read and are null.",
                                  .presence = Presence::optional};

inline constexpr std::array kinds = {
    Kind{kind::connect, "A process of this host began a connection."},
    Kind{kind::accept, "A process of this host accepted a connection."},
    Kind{kind::failed, "A connection could not be made."},
    Kind{kind::listen, "A process listens."},
    Kind{kind::close, "A connection or a flow ended."},
    Kind{kind::flow, "Datagrams between two addresses began, or many short flows as one record."},
    Kind{kind::snapshot, "The socket was open already when watching began."},
    Kind{kind::interface, "A network interface, an address or a route changed."},
};

inline constexpr std::array fields = {&identity,
                                      &pid,
                                      &start_time,
                                      &boot_id,
                                      &exe,
                                      &uid,
                                      &protocol,
                                      &initiated,
                                      &source_address,
                                      &source_port,
                                      &destination_address,
                                      &destination_port,
                                      &network_namespace,
                                      &source_bytes,
                                      &destination_bytes,
                                      &duration,
                                      &flows,
                                      &error,
                                      &reason,
                                      &interface_name,
                                      &changed,
                                      &change_detail,
                                      &observed_by,
                                      &incomplete};

inline constexpr Table table{.name = domain,
                             .sentence = "Connections, flows, listeners, and changes of interfaces.",
                             .kinds = kinds,
                             .fields = fields};

}  // namespace daemoneye::events::network
