// SPDX-License-Identifier: MIT
// What scenarios/bulk.yaml is, in ns-3: 100 MB of TCP over three links of 100 Mbit/s and 5 ms, a packet a frame.
// Prints the seconds of simulated time until the last byte, and the packets that were sent.
#include <iomanip>
#include <iostream>

#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

using namespace ns3;

static const uint64_t TOTAL_BYTES = 100000000;
static uint64_t received;
static Time lastByte;

static void OnReceived(Ptr<const Packet> packet, const Address &)
{
	received += packet->GetSize();
	lastByte = Simulator::Now();
	if (received == TOTAL_BYTES)
		Simulator::Stop();
}

int main()
{
	Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpCubic::GetTypeId()));
	Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
	Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
	Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(4000000));
	Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(6000000));

	NodeContainer nodes;
	nodes.Create(4);
	PointToPointHelper link;
	link.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
	link.SetChannelAttribute("Delay", StringValue("5ms"));
	link.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("10000p"));
	InternetStackHelper stack;
	stack.Install(nodes);
	Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
	Ipv4InterfaceContainer last;
	for (uint32_t i = 0; i < 3; i++) {
		last = addresses.Assign(link.Install(nodes.Get(i), nodes.Get(i + 1)));
		addresses.NewNetwork();
	}
	Ipv4GlobalRoutingHelper::PopulateRoutingTables();

	PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 8080));
	sink.Install(nodes.Get(3)).Get(0)->TraceConnectWithoutContext("Rx", MakeCallback(&OnReceived));
	BulkSendHelper source("ns3::TcpSocketFactory", InetSocketAddress(last.GetAddress(1), 8080));
	source.SetAttribute("MaxBytes", UintegerValue(TOTAL_BYTES));
	source.SetAttribute("SendSize", UintegerValue(65536));
	source.Install(nodes.Get(0)).Start(Seconds(0));
	Simulator::Run();
	Simulator::Destroy();
	if (received != TOTAL_BYTES) {
		std::cerr << received << " of " << TOTAL_BYTES << " bytes arrived" << std::endl;
		return 1;
	}
	std::cout << std::fixed << std::setprecision(6) << lastByte.GetSeconds() << std::endl;
	return 0;
}
