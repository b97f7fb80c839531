// A client in five lines. The broker here stands for one that runs elsewhere: with `.address` instead of
// `.endpoint`.
#include <iostream>

#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"

int main() {
  const busrt::Broker broker;

  busrt::BlockingClient client({.name = "app", .endpoint = broker.local()});
  if (auto up = client.connect(); !up) return 1;
  (void)client.subscribe({"news/#"});
  (void)client.publish("news/today", busrt::as_bytes("hello"));
  std::cout << client.receive(std::chrono::seconds(5)).value().text() << '\n';
}
